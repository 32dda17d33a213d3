{{>buttons}}
{{>earlier}}
Le escribimos acerca de la comunicación **{{{code}}}**, que presentó el {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
