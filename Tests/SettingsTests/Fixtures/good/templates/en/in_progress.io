**{{{code}}}** in_progress
