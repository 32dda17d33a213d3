{{>buttons}}
{{>earlier}}
Din data de {{{date}}} lucrăm la solicitarea **{{{code}}}**, depusă la data de {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
