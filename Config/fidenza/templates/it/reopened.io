{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo riaperto la richiesta **{{{code}}}**, presentata il {{{opened_date}}}. Torniamo a occuparcene.

{{>details}}

{{>note}}
{{>end}}
