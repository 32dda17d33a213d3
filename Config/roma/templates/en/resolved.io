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
On {{{date}}} we closed report **{{{code}}}**, which you sent on {{{opened_date}}}, as resolved. Thank you for helping us look after the city.

{{#category}}
- Topic: **{{{category}}}**
{{/category}}
- Office: **{{{office}}}**

{{#note}}
Note from the office:

{{{note}}}

{{/note}}
{{#status_url}}
To follow your report [visit this site]({{{status_url}}}).
{{/status_url}}
