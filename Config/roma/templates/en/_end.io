{{#files}}
Documents: {{{files}}}

{{/files}}
{{#status_url}}
To follow your report [visit this site]({{{status_url}}}).
{{/status_url}}
