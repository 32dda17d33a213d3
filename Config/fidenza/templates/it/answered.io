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
Ti scriviamo a proposito della richiesta **{{{code}}}** del {{{opened_date}}}.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Ufficio: **{{{office}}}**
{{#due_date}}
- Risposta entro il {{{due_date}}}
{{/due_date}}

{{#note}}
L’ufficio scrive:

{{{note}}}

{{/note}}
{{#status_url}}
[Segui la richiesta]({{{status_url}}})
{{/status_url}}
