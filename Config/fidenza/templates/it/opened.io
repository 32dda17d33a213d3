{{>buttons}}
{{>earlier}}
Abbiamo registrato la tua richiesta il {{{date}}}. Il codice è **{{{code}}}**: conservalo, ti serve per seguirla.

{{>details}}

{{>end}}
