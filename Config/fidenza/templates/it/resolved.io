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
La richiesta **{{{code}}}** del {{{opened_date}}} è conclusa dal {{{date}}}. Grazie per averci scritto: ci aiuti a tenere bene Fidenza.

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
