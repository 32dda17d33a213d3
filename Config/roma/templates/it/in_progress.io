{{>buttons}}
{{>earlier}}
Dal {{{date}}} stiamo lavorando alla segnalazione **{{{code}}}**, presentata il {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
