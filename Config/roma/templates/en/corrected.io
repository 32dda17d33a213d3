{{>buttons}}
{{>earlier}}
One of our messages about report **{{{code}}}** had a mistake in it{{#corrects}}: {{{corrects}}}{{/corrects}}. What we write here is right.

{{>note}}
{{>end}}
