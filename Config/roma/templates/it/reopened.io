{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo riaperto la segnalazione **{{{code}}}**, presentata il {{{opened_date}}}. Torniamo a occuparcene.

{{>details}}

{{>note}}
{{>end}}
