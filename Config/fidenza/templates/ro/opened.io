{{>buttons}}
{{>earlier}}
Am înregistrat solicitarea dumneavoastră la data de {{{date}}}. Codul este **{{{code}}}**: păstrați-l, veți avea nevoie de el pentru a o urmări.

{{>details}}

{{>end}}
