{{>earlier}}
La data de {{{date}}} sesizarea dumneavoastră **{{{code}}}** a fost transmisă biroului competent{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. Codul rămâne același.

{{>note}}
{{>end}}
