{{>buttons}}
{{>earlier}}
Ti scriviamo a proposito della segnalazione **{{{code}}}**, presentata il {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
