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
Il {{{date}}} abbiamo chiuso la richiesta **{{{code}}}** del {{{opened_date}}}: non è stato possibile darle seguito.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Ufficio: **{{{office}}}**

{{#note}}
L’ufficio scrive:

{{{note}}}

{{/note}}
{{#status_url}}
[Segui la richiesta]({{{status_url}}})
{{/status_url}}
