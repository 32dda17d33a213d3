{{>buttons}}
{{>earlier}}
Un mesaj al nostru despre solicitarea **{{{code}}}** conținea o greșeală{{#corrects}}: {{{corrects}}}{{/corrects}}. Este valabil ceea ce vă scriem aici.

{{>note}}
{{>end}}
