{{>buttons}}
{{>earlier}}
Desde el {{{date}}} estamos trabajando en la solicitud **{{{code}}}**, que presentó el {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
