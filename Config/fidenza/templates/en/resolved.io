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
Request **{{{code}}}** of {{{opened_date}}} was concluded on {{{date}}}. Thank you for writing: you help us look after Fidenza.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- Office: **{{{office}}}**

{{#note}}
The office writes:

{{{note}}}

{{/note}}
{{#status_url}}
[Follow the request]({{{status_url}}})
{{/status_url}}
