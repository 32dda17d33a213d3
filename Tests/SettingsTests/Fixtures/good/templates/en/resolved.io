**{{{code}}}** resolved
