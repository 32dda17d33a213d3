{{#files}}
Documente: {{{files}}}

{{/files}}
{{#status_url}}
Pentru a urmări solicitarea dumneavoastră, [vizitați acest site]({{{status_url}}}).
{{/status_url}}
