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
We received your request on {{{date}}}. Its code is **{{{code}}}**: keep it, to follow the request and to speak with us about it.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- In charge: **{{{office}}}**
{{#due_date}}
- Answer by {{{due_date}}}
{{/due_date}}

{{#status_url}}
[Follow the request]({{{status_url}}})
{{/status_url}}
