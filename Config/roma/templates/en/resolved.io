{{>buttons}}
{{>earlier}}
On {{{date}}} we closed report **{{{code}}}**, which you sent on {{{opened_date}}}, as resolved. Thank you for helping us look after the city.

{{>topic}}

{{>note}}
{{>end}}
