{{#earlier}}
Anteriormente:

{{{earlier}}}

{{/earlier}}
