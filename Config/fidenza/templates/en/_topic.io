{{#category}}
- Topic: **{{{category}}}**
{{/category}}
{{#office}}
- Office: **{{{office}}}**
{{/office}}
