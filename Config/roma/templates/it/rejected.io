{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo chiuso la segnalazione **{{{code}}}**, presentata il {{{opened_date}}}: non è stato possibile darle seguito.

{{>topic}}

{{>note}}
{{>end}}
