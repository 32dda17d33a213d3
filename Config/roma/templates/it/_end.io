{{#files}}
Documenti: {{{files}}}

{{/files}}
{{#status_url}}
Per gestire la tua segnalazione [visita questo sito]({{{status_url}}}).
{{/status_url}}
