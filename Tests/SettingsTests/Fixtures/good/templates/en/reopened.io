**{{{code}}}** reopened
