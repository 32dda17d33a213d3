{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo preso in carico la segnalazione presentata il {{{opened_date}}}. Il codice della segnalazione è: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
