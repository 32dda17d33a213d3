**{{{code}}}** rejected
