{{#https}}
---
it:
  cta_1:
    text: "Visualizza la tua segnalazione"
    action: "iohandledlink://{{{status_url}}}"
en:
  cta_1:
    text: "View your report"
    action: "iohandledlink://{{{status_url}}}"
---
{{/https}}
Abbiamo registrato la tua segnalazione il {{{date}}}. Il codice è **{{{code}}}**: conservalo, ti serve per seguirla.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Ufficio che se ne occupa: **{{{office}}}**
{{#due_date}}
- Risposta prevista entro il {{{due_date}}}
{{/due_date}}

{{#status_url}}
Per seguire la tua segnalazione [visita questo sito]({{{status_url}}}).
{{/status_url}}
