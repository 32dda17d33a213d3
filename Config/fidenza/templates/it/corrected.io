{{>buttons}}
{{>earlier}}
Un nostro messaggio sulla richiesta **{{{code}}}** conteneva un errore{{#corrects}}: {{{corrects}}}{{/corrects}}. Vale quello che scriviamo qui.

{{>note}}
{{>end}}
