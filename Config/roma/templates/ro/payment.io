{{>buttons}}
{{>earlier}}
La data de {{{date}}} am emis o înștiințare de plată pentru sesizarea dumneavoastră **{{{code}}}**. Puteți plăti cu codul înștiințării prin pagoPA: în aplicația IO, pe site-ul primăriei, la bancă sau la punctele de plată autorizate.

{{#amount}}
- Suma: **{{{amount}}}**
{{/amount}}
{{#notice_number}}
- Codul înștiințării: **{{{notice_number}}}**
{{/notice_number}}
{{#payment_due}}
- De plătit până la data de {{{payment_due}}}
{{/payment_due}}

{{>note}}
{{>end}}
