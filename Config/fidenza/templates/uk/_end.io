{{#files}}
Документи: {{{files}}}

{{/files}}
{{#status_url}}
Щоб стежити за Вашим зверненням, [перейдіть на цей сайт]({{{status_url}}}).
{{/status_url}}
