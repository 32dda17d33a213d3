{{>buttons}}
{{>earlier}}
З {{{date}}} ми працюємо над зверненням **{{{code}}}**, поданим {{{opened_date}}}.

{{>details}}

{{>note}}
{{>end}}
