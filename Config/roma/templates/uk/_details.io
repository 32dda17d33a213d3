{{>topic}}
{{#due_date}}
- Відповідь очікується до {{{due_date}}}
{{/due_date}}
