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
Il {{{date}}} la tua segnalazione **{{{code}}}** è stata inoltrata all’ufficio competente{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}.

{{#category}}
- Argomento: **{{{category}}}**
{{/category}}
- Presentata il {{{opened_date}}}

{{#note}}
Nota dell’ufficio:

{{{note}}}

{{/note}}
{{#status_url}}
Per seguire la tua segnalazione [visita questo sito]({{{status_url}}}).
{{/status_url}}
