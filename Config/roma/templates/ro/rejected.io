{{>buttons}}
{{>earlier}}
La data de {{{date}}} am închis sesizarea **{{{code}}}**, depusă la data de {{{opened_date}}}: nu i s-a putut da curs.

{{>topic}}

{{>note}}
{{>end}}
