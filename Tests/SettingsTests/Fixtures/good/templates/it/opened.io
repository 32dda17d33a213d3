**{{{code}}}** opened
