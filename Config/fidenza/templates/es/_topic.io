{{#category}}
- Asunto: **{{{category}}}**
{{/category}}
{{#office}}
- Oficina: **{{{office}}}**
{{/office}}
