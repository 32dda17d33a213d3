{{#earlier}}
Anterior:

{{{earlier}}}

{{/earlier}}
