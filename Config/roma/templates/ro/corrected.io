{{>buttons}}
{{>earlier}}
Un mesaj al nostru despre sesizarea **{{{code}}}** conținea o greșeală{{#corrects}}: {{{corrects}}}{{/corrects}}. Este valabil ceea ce vă scriem aici.

{{>note}}
{{>end}}
