{{#earlier}}
In precedenza:

{{{earlier}}}

{{/earlier}}
