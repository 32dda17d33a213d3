{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo preso in carico la richiesta presentata il {{{opened_date}}}. Il codice della richiesta è: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
