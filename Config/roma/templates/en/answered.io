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
We write to you about the report **{{{code}}}**, which you sent on {{{opened_date}}}.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- Office: **{{{office}}}**
{{#due_date}}
- Answer expected by {{{due_date}}}
{{/due_date}}

{{#note}}
Note from the office:

{{{note}}}

{{/note}}
{{#status_url}}
To follow your report [visit this site]({{{status_url}}}).
{{/status_url}}
