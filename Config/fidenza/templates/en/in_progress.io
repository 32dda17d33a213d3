{{>buttons}}
{{>earlier}}
Since {{{date}}} we have been working on request **{{{code}}}**, which you sent on {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
