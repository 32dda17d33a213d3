{{>buttons}}
{{>earlier}}
Para continuar con la comunicación **{{{code}}}**, que presentó el {{{opened_date}}}, la oficina necesita algo de usted. Hasta que responda, el plazo previsto queda suspendido.

{{>topic}}

{{>note}}
{{>end}}
