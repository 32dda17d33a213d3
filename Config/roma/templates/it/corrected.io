{{>buttons}}
{{>earlier}}
Un nostro messaggio sulla segnalazione **{{{code}}}** conteneva un errore{{#corrects}}: {{{corrects}}}{{/corrects}}. Vale quello che scriviamo qui.

{{>note}}
{{>end}}
