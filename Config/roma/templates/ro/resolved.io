{{>buttons}}
{{>earlier}}
La data de {{{date}}} am închis ca soluționată sesizarea **{{{code}}}**, depusă la data de {{{opened_date}}}. Vă mulțumim că ne ajutați să avem grijă de oraș.

{{>topic}}

{{>note}}
{{>end}}
