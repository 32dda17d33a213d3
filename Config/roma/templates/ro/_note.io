{{#note}}
Mesajul biroului:

{{{note}}}

{{/note}}
