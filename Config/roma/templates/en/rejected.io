{{>buttons}}
{{>earlier}}
On {{{date}}} we closed report **{{{code}}}**, which you sent on {{{opened_date}}}: we could not act on it.

{{>topic}}

{{>note}}
{{>end}}
