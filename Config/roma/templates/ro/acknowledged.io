{{>buttons}}
{{>earlier}}
La data de {{{date}}} am preluat sesizarea depusă la data de {{{opened_date}}}. Codul sesizării este: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
