**{{{code}}}** acknowledged
