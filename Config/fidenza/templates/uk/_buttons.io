{{#https}}
---
it:
  cta_1:
    text: "Visualizza la tua richiesta"
    action: "iohandledlink://{{{status_url}}}"
en:
  cta_1:
    text: "View your request"
    action: "iohandledlink://{{{status_url}}}"
---
{{/https}}
