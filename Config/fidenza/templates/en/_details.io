{{>topic}}
{{#due_date}}
- Answer expected by {{{due_date}}}
{{/due_date}}
