{{>buttons}}
{{>earlier}}
We are writing about request **{{{code}}}**, which you sent on {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
