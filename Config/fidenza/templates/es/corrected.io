{{>buttons}}
{{>earlier}}
Uno de nuestros mensajes sobre la solicitud **{{{code}}}** contenía un error{{#corrects}}: {{{corrects}}}{{/corrects}}. Lo correcto es lo que le escribimos aquí.

{{>note}}
{{>end}}
