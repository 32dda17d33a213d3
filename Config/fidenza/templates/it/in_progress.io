{{>buttons}}
{{>earlier}}
Dal {{{date}}} stiamo lavorando alla richiesta **{{{code}}}**, presentata il {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
