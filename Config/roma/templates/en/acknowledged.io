{{>buttons}}
{{>earlier}}
On {{{date}}} we took in charge the report that you sent on {{{opened_date}}}. Its code is **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
