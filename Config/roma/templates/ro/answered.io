{{>buttons}}
{{>earlier}}
Vă scriem în legătură cu sesizarea **{{{code}}}**, depusă la data de {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
