{{>buttons}}
{{>earlier}}
To go on with report **{{{code}}}**, which you sent on {{{opened_date}}}, the office needs something from you. Until you answer, the time for it stands still.

{{>topic}}

{{>note}}
{{>end}}
