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
Ti scriviamo a proposito della segnalazione **{{{code}}}**, presentata il {{{opened_date}}}.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Ufficio: **{{{office}}}**
{{#due_date}}
- Risposta prevista entro il {{{due_date}}}
{{/due_date}}

{{#note}}
Nota dell’ufficio:

{{{note}}}

{{/note}}
{{#status_url}}
Per seguire la tua segnalazione [visita questo sito]({{{status_url}}}).
{{/status_url}}
