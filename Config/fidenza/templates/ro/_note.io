{{#note}}
Biroul vă scrie:

{{{note}}}

{{/note}}
