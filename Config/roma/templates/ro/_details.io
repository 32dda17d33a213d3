{{>topic}}
{{#due_date}}
- Răspuns prevăzut până la data de {{{due_date}}}
{{/due_date}}
