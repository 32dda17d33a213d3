{{#files}}
Documenti: {{{files}}}

{{/files}}
{{#status_url}}
Per gestire la tua richiesta [visita questo sito]({{{status_url}}}).
{{/status_url}}
