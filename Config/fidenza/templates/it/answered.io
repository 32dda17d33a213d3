{{>buttons}}
{{>earlier}}
Ti scriviamo a proposito della richiesta **{{{code}}}**, presentata il {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
