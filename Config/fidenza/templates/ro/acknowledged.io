{{>buttons}}
{{>earlier}}
La data de {{{date}}} am preluat solicitarea depusă la data de {{{opened_date}}}. Codul solicitării este: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
