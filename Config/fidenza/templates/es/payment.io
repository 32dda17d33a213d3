{{>buttons}}
{{>earlier}}
El {{{date}}} emitimos un aviso de pago por su solicitud **{{{code}}}**. Puede pagar con el código de aviso a través de pagoPA: en la aplicación IO, en el sitio web del Ayuntamiento, en un banco o en un punto de pago autorizado.

{{#amount}}
- Importe: **{{{amount}}}**
{{/amount}}
{{#notice_number}}
- Código de aviso: **{{{notice_number}}}**
{{/notice_number}}
{{#payment_due}}
- Fecha límite de pago: {{{payment_due}}}
{{/payment_due}}

{{>note}}
{{>end}}
