{{>buttons}}
{{>earlier}}
El {{{date}}} reabrimos la comunicación **{{{code}}}**, que presentó el {{{opened_date}}}. Volvemos a ocuparnos de ella.

{{>details}}

{{>note}}
{{>end}}
