{{>buttons}}
{{>earlier}}
Hemos registrado su comunicación el {{{date}}}. El código es **{{{code}}}**: consérvelo, lo necesitará para seguirla.

{{>details}}

{{>end}}
