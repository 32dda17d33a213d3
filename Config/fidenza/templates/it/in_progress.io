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
Dal {{{date}}} stiamo lavorando alla richiesta **{{{code}}}**, che ci hai inviato il {{{opened_date}}}.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Ufficio: **{{{office}}}**
{{#due_date}}
- Conclusione prevista entro il {{{due_date}}}
{{/due_date}}

{{#note}}
L’ufficio scrive:

{{{note}}}

{{/note}}
{{#status_url}}
[Segui la richiesta]({{{status_url}}})
{{/status_url}}
