{{>buttons}}
{{>earlier}}
Il {{{date}}} abbiamo emesso un avviso di pagamento per la tua segnalazione **{{{code}}}**. Puoi pagare con il codice avviso attraverso pagoPA: nell’app IO, sul sito del Comune, in banca o nei punti abilitati.

{{#amount}}
- Importo: **{{{amount}}}**
{{/amount}}
{{#notice_number}}
- Codice avviso: **{{{notice_number}}}**
{{/notice_number}}
{{#payment_due}}
- Da pagare entro il {{{payment_due}}}
{{/payment_due}}

{{>note}}
{{>end}}
