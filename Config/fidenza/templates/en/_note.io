{{#note}}
The office writes:

{{{note}}}

{{/note}}
