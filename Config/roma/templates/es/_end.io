{{#files}}
Documentos: {{{files}}}

{{/files}}
{{#status_url}}
Para seguir su comunicación, [visite este sitio]({{{status_url}}}).
{{/status_url}}
