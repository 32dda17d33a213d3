{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo chiuso come risolta la richiesta **{{{code}}}**, presentata il {{{opened_date}}}. Grazie per averci aiutato a prenderci cura della città.

{{>topic}}

{{>note}}
{{>end}}
