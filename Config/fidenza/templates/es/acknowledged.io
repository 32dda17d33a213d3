{{>buttons}}
{{>earlier}}
El {{{date}}} admitimos a trámite la solicitud que presentó el {{{opened_date}}}. El código de la solicitud es: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
