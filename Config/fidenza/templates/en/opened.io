{{>buttons}}
{{>earlier}}
We received your request on {{{date}}}. Its code is **{{{code}}}**: keep it, you will need it to follow the request.

{{>details}}

{{>end}}
