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
We write to you about the request **{{{code}}}** of {{{opened_date}}}.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- Office: **{{{office}}}**
{{#due_date}}
- Answer by {{{due_date}}}
{{/due_date}}

{{#note}}
The office writes:

{{{note}}}

{{/note}}
{{#status_url}}
[Follow the request]({{{status_url}}})
{{/status_url}}
