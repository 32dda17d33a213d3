-- A message that the shadow's rules would have decided otherwise.
create table shadow_difference (
    message uuid primary key,
    -- Null if a rule discarded the message.
    ticket bigint,
    at timestamptz not null,
    -- The configuration that decided, and the one that it would be with the shadow's rules.
    config text not null,
    shadow_config text not null,
    -- [{"field", "from", "to", "rule"}]: what was decided, what the shadow says, and the rule of its that says so.
    changes jsonb not null
);
create index shadow_difference_at on shadow_difference (at);
create index shadow_difference_ticket on shadow_difference (ticket);

-- How many messages the shadow has seen, by the hour.
create table shadow_tally (
    hour timestamptz not null,
    config text not null,
    shadow_config text not null,
    messages bigint not null,
    primary key (hour, config, shadow_config)
);

-- What `pasquino reload` asks of a daemon, and its answer. The one who asked removes it.
create table reload_request (
    id bigint generated always as identity primary key,
    daemon bigint not null,
    asked_at timestamptz not null default now(),
    -- Null until the daemon has decided.
    done_at timestamptz,
    report jsonb
);
create index reload_request_open on reload_request (daemon) where done_at is null;
