{{#files}}
Documente: {{{files}}}

{{/files}}
{{#status_url}}
Pentru a urmări sesizarea dumneavoastră, [vizitați acest site]({{{status_url}}}).
{{/status_url}}
