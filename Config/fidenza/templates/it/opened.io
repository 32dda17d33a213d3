{{#https}}
---
it:
  cta_1:
    text: "Apri la richiesta"
    action: "iohandledlink://{{{status_url}}}"
en:
  cta_1:
    text: "Open the request"
    action: "iohandledlink://{{{status_url}}}"
---
{{/https}}
Abbiamo ricevuto la tua richiesta il {{{date}}}. Il codice è **{{{code}}}**: tienilo, serve per seguirla e per parlarne con noi.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Se ne occupa: **{{{office}}}**
{{#due_date}}
- Risposta entro il {{{due_date}}}
{{/due_date}}

{{#status_url}}
[Segui la richiesta]({{{status_url}}})
{{/status_url}}
