{{>buttons}}
{{>earlier}}
Per andare avanti con la richiesta **{{{code}}}**, presentata il {{{opened_date}}}, l’ufficio ha bisogno di qualcosa da te. Finché non rispondi, il tempo previsto resta sospeso.

{{>topic}}

{{>note}}
{{>end}}
