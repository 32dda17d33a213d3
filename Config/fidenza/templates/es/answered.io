{{>buttons}}
{{>earlier}}
Le escribimos acerca de la solicitud **{{{code}}}**, que presentó el {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
