{{#note}}
Note from the office:

{{{note}}}

{{/note}}
