{{#earlier}}
Раніше:

{{{earlier}}}

{{/earlier}}
