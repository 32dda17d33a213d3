{{#category}}
- Subiect: **{{{category}}}**
{{/category}}
{{#office}}
- Birou: **{{{office}}}**
{{/office}}
