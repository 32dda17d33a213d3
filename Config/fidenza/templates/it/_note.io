{{#note}}
L’ufficio scrive:

{{{note}}}

{{/note}}
