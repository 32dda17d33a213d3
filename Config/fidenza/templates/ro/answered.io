{{>buttons}}
{{>earlier}}
Vă scriem în legătură cu solicitarea **{{{code}}}**, depusă la data de {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
