{{>buttons}}
{{>earlier}}
Ми взяли до розгляду {{{date}}} звернення, подане {{{opened_date}}}. Код звернення: **{{{code}}}**.

{{>details}}

{{>note}}
{{>end}}
