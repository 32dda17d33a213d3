**{{{code}}}** forwarded
