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
On {{{date}}} we closed request **{{{code}}}** of {{{opened_date}}}: we could not act on it.

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
