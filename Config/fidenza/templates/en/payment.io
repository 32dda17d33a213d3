{{>buttons}}
{{>earlier}}
On {{{date}}} we issued a payment notice for your request **{{{code}}}**. You can pay with the notice code through pagoPA: in the IO app, on the city’s website, at a bank or at a payment point.

{{#amount}}
- Amount: **{{{amount}}}**
{{/amount}}
{{#notice_number}}
- Notice code: **{{{notice_number}}}**
{{/notice_number}}
{{#payment_due}}
- To be paid by {{{payment_due}}}
{{/payment_due}}

{{>note}}
{{>end}}
