{{>buttons}}
{{>earlier}}
Hemos registrado su solicitud el {{{date}}}. El código es **{{{code}}}**: consérvelo, lo necesitará para seguirla.

{{>details}}

{{>end}}
