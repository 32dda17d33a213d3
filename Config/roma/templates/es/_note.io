{{#note}}
Nota de la oficina:

{{{note}}}

{{/note}}
