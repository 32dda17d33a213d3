{{>buttons}}
{{>earlier}}
We received your report on {{{date}}}. Its code is **{{{code}}}**: keep it, you will need it to follow the report.

{{>details}}

{{>end}}
