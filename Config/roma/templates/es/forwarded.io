{{>earlier}}
El {{{date}}} su comunicación **{{{code}}}** se envió a la oficina competente{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. El código no cambia.

{{>note}}
{{>end}}
