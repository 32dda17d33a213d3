{{>buttons}}
{{>earlier}}
Desde el {{{date}}} estamos trabajando en la comunicación **{{{code}}}**, que presentó el {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
