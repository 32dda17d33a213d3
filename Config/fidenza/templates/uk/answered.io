{{>buttons}}
{{>earlier}}
Пишемо Вам щодо звернення **{{{code}}}**, поданого {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
