{{#note}}
La oficina le escribe:

{{{note}}}

{{/note}}
