{{>topic}}
{{#due_date}}
- Risposta prevista entro il {{{due_date}}}
{{/due_date}}
