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
Il {{{date}}} abbiamo passato la richiesta **{{{code}}}** del {{{opened_date}}} a chi se ne occupa{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. Il codice non cambia.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}

{{#note}}
L’ufficio scrive:

{{{note}}}

{{/note}}
{{#status_url}}
[Segui la richiesta]({{{status_url}}})
{{/status_url}}
