{{>buttons}}
{{>earlier}}
On {{{date}}} we reopened request **{{{code}}}**, which you sent on {{{opened_date}}}. We are looking into it again.

{{>details}}

{{>note}}
{{>end}}
