{{#earlier}}
Before this:

{{{earlier}}}

{{/earlier}}
