{{>earlier}}
Ваше звернення **{{{code}}}** передано {{{date}}} до компетентного підрозділу{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. Код не змінюється.

{{>note}}
{{>end}}
