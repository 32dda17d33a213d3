{{>buttons}}
{{>earlier}}
Pentru a continua cu sesizarea **{{{code}}}**, depusă la data de {{{opened_date}}}, biroul are nevoie de ceva din partea dumneavoastră. Până când răspundeți, termenul prevăzut este suspendat.

{{>topic}}

{{>note}}
{{>end}}
