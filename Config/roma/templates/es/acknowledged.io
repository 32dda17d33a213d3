{{>buttons}}
{{>earlier}}
El {{{date}}} admitimos a trámite la comunicación que presentó el {{{opened_date}}}. El código de la comunicación es: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
