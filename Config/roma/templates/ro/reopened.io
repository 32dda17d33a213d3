{{>buttons}}
{{>earlier}}
La data de {{{date}}} am redeschis sesizarea **{{{code}}}**, depusă la data de {{{opened_date}}}. Ne ocupăm din nou de ea.

{{>details}}

{{>note}}
{{>end}}
