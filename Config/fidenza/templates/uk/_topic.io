{{#category}}
- Тема: **{{{category}}}**
{{/category}}
{{#office}}
- Підрозділ: **{{{office}}}**
{{/office}}
