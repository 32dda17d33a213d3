{{>buttons}}
{{>earlier}}
We are writing about report **{{{code}}}**, which you sent on {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
