{{>buttons}}
{{>earlier}}
El {{{date}}} cerramos como resuelta la comunicación **{{{code}}}**, que presentó el {{{opened_date}}}. Gracias por ayudarnos a cuidar de la ciudad.

{{>topic}}

{{>note}}
{{>end}}
