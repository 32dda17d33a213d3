{{>earlier}}
On {{{date}}} your report **{{{code}}}** was sent to the office in charge{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. The code stays the same.

{{>note}}
{{>end}}
