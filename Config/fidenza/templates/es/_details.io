{{>topic}}
{{#due_date}}
- Respuesta prevista a más tardar el {{{due_date}}}
{{/due_date}}
