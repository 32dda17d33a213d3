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
Il {{{date}}} abbiamo chiuso come risolta la segnalazione **{{{code}}}**, presentata il {{{opened_date}}}. Grazie per averci aiutato a prenderci cura della città.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Ufficio: **{{{office}}}**

{{#note}}
Nota dell’ufficio:

{{{note}}}

{{/note}}
{{#status_url}}
Per seguire la tua segnalazione [visita questo sito]({{{status_url}}}).
{{/status_url}}
