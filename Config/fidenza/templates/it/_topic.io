{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
{{#office}}
- Ufficio: **{{{office}}}**
{{/office}}
