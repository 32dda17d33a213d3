{{>earlier}}
Il {{{date}}} la tua segnalazione **{{{code}}}** è stata inoltrata all’ufficio competente{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. Il codice non cambia.

{{>note}}
{{>end}}
