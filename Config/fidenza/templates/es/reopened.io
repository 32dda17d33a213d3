{{>buttons}}
{{>earlier}}
El {{{date}}} reabrimos la solicitud **{{{code}}}**, que presentó el {{{opened_date}}}. Volvemos a ocuparnos de ella.

{{>details}}

{{>note}}
{{>end}}
