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
On {{{date}}} we passed request **{{{code}}}** of {{{opened_date}}} to those who see to it{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}. The code stays the same.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}

{{#note}}
The office writes:

{{{note}}}

{{/note}}
{{#status_url}}
[Follow the request]({{{status_url}}})
{{/status_url}}
