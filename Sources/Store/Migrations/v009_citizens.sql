-- A citizen's addresses: on an office's task, for an export, when they are erased.
create index identity_citizen on identity (citizen);
