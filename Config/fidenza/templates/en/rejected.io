{{>buttons}}
{{>earlier}}
On {{{date}}} we closed request **{{{code}}}**, which you sent on {{{opened_date}}}: we could not act on it.

{{>topic}}

{{>note}}
{{>end}}
