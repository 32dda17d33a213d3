{{#files}}
Documentos: {{{files}}}

{{/files}}
{{#status_url}}
Para seguir su solicitud, [visite este sitio]({{{status_url}}}).
{{/status_url}}
