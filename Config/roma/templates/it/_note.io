{{#note}}
Nota dell’ufficio:

{{{note}}}

{{/note}}
