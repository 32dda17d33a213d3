-- What one installation keeps for itself. One row.
create table instance (
    id int primary key default 1 check (id = 1),
    created_at timestamptz not null default now(),
    -- Permutes ticket numbers into ticket codes, so that a code does not tell how many tickets there are.
    ticket_key bytea not null,
    -- Keys of the citizens' status pages.
    status_key bytea not null
);

insert into instance (ticket_key, status_key)
select decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
       decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

-- Daemons take ticket numbers in blocks; a gap left by a crash means nothing.
create sequence ticket_block as bigint increment by 4096 start with 4096;

-- Daemons that run, or ran, on this database. A daemon whose beat is late is dead, and its notifications are taken over.
create table daemon (
    id bigint generated always as identity primary key,
    host text not null,
    pid int not null,
    version text not null,
    config text not null,
    started_at timestamptz not null default now(),
    beat_at timestamptz not null default now(),
    stats jsonb not null default '{}'
);

-- A person, as far as we know. The id follows from the strongest identity of the message that made it.
create table citizen (
    id uuid primary key,
    first_seen timestamptz not null
);

-- How a citizen can be recognised. The same value may stand for two citizens: attested and declared are never merged.
create table identity (
    kind text not null,
    value text not null,
    attested boolean not null,
    citizen uuid not null,
    primary key (value, kind, attested, citizen)
);

create table message (
    id uuid primary key,
    channel text not null,
    -- The sender's id: the same one on the same channel is the same message.
    external_id text not null,
    received_at timestamptz not null,
    sent_at timestamptz,
    citizen uuid,
    -- Null if a rule discarded the message.
    ticket bigint,
    discarded text,
    subject text,
    body text not null,
    language text,
    -- The bytes as they came.
    raw bytea not null,
    unique (channel, external_id)
);
create index message_ticket on message (ticket);

create table ticket (
    number bigint primary key,
    code text not null unique,
    status text not null,
    category text,
    office text not null,
    priority text not null,
    area text,
    latitude double precision,
    longitude double precision,
    address text,
    channel text not null,
    language text not null,
    opened_at timestamptz not null,
    due_at timestamptz,
    closed_at timestamptz,
    citizen uuid,
    -- How the citizen is told: medium, address, and the address to fall back to.
    contact_medium text,
    contact text,
    contact_fallback text,
    tags text[] not null default '{}',
    undecided boolean not null,
    -- The whole decision with its reasons, as `pasquino explain` prints it.
    decision jsonb not null,
    config text not null
);
create index ticket_opened on ticket using brin (opened_at);
create index ticket_citizen on ticket (citizen) where citizen is not null;

create table event (
    id uuid primary key,
    ticket bigint not null,
    at timestamptz not null,
    kind text not null,
    actor text not null,
    note text,
    office text,
    -- The back office's own id of the event; the same one again changes nothing.
    external_id text
);
create index event_ticket on event (ticket, at);
create unique index event_external on event (ticket, actor, external_id) where external_id is not null;

-- The journal of what citizens and offices are owed. Daemons work from memory and record the outcome here.
create table notification (
    id uuid primary key,
    ticket bigint not null,
    event uuid not null,
    medium text not null,
    recipient text not null,
    -- The e-mail address to use if App IO does not reach the citizen.
    fallback text,
    template text not null,
    language text not null,
    -- waiting, sending (the request may be under way: its outcome is unknown after a crash), delivered, refused,
    -- expired, uncertain, cancelled.
    status text not null default 'waiting',
    attempts int not null default 0,
    created_at timestamptz not null,
    next_attempt_at timestamptz not null,
    expires_at timestamptz not null,
    done_at timestamptz,
    reason text,
    -- The other side's id (App IO's message id).
    remote_id text,
    -- The daemon that holds it in memory.
    owner bigint,
    -- An operator changed it while a daemon held it; cleared by that daemon.
    recalled_at timestamptz
);
create index notification_ticket on notification (ticket);
create index notification_recalled on notification (owner) where recalled_at is not null;
create index notification_open on notification (next_attempt_at) where status in ('waiting', 'sending');
