-- Mail brings messages that open no ticket: replies, reports, receipts, robots.
alter table message
    -- opening, reply, automatic, delivery, disposition, receipt.
    add column kind text not null default 'opening',
    -- Within which external_id is unique: the channel, or one name for all channels of e-mail.
    add column scope text,
    -- The Message-ID that its sender gave (RFC 5322), without angle brackets.
    add column mail_id text,
    -- What earlier mails said, and the signature: `body` holds what is new.
    add column quoted text,
    add column signature text,
    -- What the certified mail's envelope or receipt says.
    add column certificate jsonb;
update message set scope = channel;
alter table message
    alter column scope set not null,
    drop constraint message_channel_external_id_key,
    add constraint message_external unique (scope, external_id);
create index message_mail on message (mail_id) where mail_id is not null;

-- In metres: how far off a position may be.
alter table ticket add column accuracy double precision;

-- A file's bytes, once, whoever sends it however often.
create table blob (
    -- SHA-256.
    hash bytea primary key,
    size bigint not null,
    content bytea not null
);
-- They are pictures and archives: compressed already.
alter table blob alter column content set storage external;

create table attachment (
    -- The message or event that brought it.
    owner uuid not null,
    position int not null,
    -- Made safe.
    name text not null,
    -- By content.
    type text not null,
    size bigint not null,
    hash bytea not null,
    -- What others may see: without position, time and device. Null: nothing may be shown.
    shown bytea,
    -- Within the text.
    inline boolean not null,
    -- What is to be known before it is opened: {"active", "encrypted", "archive", "photo"}.
    facts jsonb not null,
    primary key (owner, position)
);

-- Tickets that belong together: `follows` (a reply that came too late to reopen it), `possibly` (it names the other, but
-- its sender is not known there).
create table ticket_link (
    ticket bigint not null,
    other bigint not null,
    kind text not null,
    primary key (ticket, other)
);
create index ticket_link_other on ticket_link (other);

-- What an address got and made within an hour: two robots must come to an end.
create table correspondent (
    address text primary key,
    hour timestamptz not null,
    answers int not null,
    tickets int not null
);

-- Mail that could not be taken in. Kept as it came, shown, replayed.
create table unread_mail (
    id uuid primary key,
    channel text not null,
    received_at timestamptz not null,
    reason text not null,
    -- SHA-256 of the bytes: the same mail is kept once.
    hash bytea not null unique,
    raw bytea not null,
    replayed_at timestamptz
);

-- What a certified mail system said last of it: accettazione, avvenuta-consegna, …
alter table notification add column receipt text;
