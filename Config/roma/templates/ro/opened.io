{{>buttons}}
{{>earlier}}
Am înregistrat sesizarea dumneavoastră la data de {{{date}}}. Codul este **{{{code}}}**: păstrați-l, veți avea nevoie de el pentru a o urmări.

{{>details}}

{{>end}}
