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
We received your report on {{{date}}}. Its code is **{{{code}}}**: keep it, you will need it to follow the report.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- Office in charge: **{{{office}}}**
{{#due_date}}
- Answer expected by {{{due_date}}}
{{/due_date}}

{{#status_url}}
To follow your report [visit this site]({{{status_url}}}).
{{/status_url}}
