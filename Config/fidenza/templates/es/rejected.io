{{>buttons}}
{{>earlier}}
El {{{date}}} cerramos la solicitud **{{{code}}}**, que presentó el {{{opened_date}}}: no ha sido posible darle curso.

{{>topic}}

{{>note}}
{{>end}}
