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
On {{{date}}} your report **{{{code}}}** was sent to the office in charge{{#forwarded_to}}: {{{forwarded_to}}}{{/forwarded_to}}.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- Sent by you on {{{opened_date}}}

{{#note}}
Note from the office:

{{{note}}}

{{/note}}
{{#status_url}}
To follow your report [visit this site]({{{status_url}}}).
{{/status_url}}
