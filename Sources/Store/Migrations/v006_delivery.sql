alter table notification
    -- What waits here waits for the same other side: one that is down holds up no other.
    add column line text generated always as (
        case when medium in ('webhook', 'open311') then medium || ':' || recipient else medium end) stored,
    -- When the other side is asked what became of it, and how often it was.
    add column watch_at timestamptz,
    add column watches int not null default 0,
    -- Earlier events that are told together with its own.
    add column bundled uuid[],
    -- The notification that did not reach the citizen, whose place this one takes.
    add column instead_of uuid;

drop index notification_open;
create index notification_open on notification (line, next_attempt_at) where status in ('waiting', 'sending');
create index notification_watched on notification (watch_at) where watch_at is not null;

-- Each attempt that did not deliver at once; that of a notification delivered at its first attempt is its own row.
create table attempt (
    notification uuid not null,
    number int not null,
    at timestamptz not null,
    -- waiting (another is due), delivered, refused, expired, uncertain.
    outcome text not null,
    reason text,
    primary key (notification, number)
);

-- What an event carries beyond its words: {"payment": {…}}.
alter table event add column details jsonb;

alter table ticket
    -- The time of the ticket stands still since then: the citizen is asked for something.
    add column waiting_since timestamptz,
    -- Who was told that it is due or overdue: 0 nobody, 1 its office, 2 the level above, and so on.
    add column escalation int not null default 0;
create index ticket_due on ticket (due_at) where closed_at is null and due_at is not null;

-- How a citizen wants to be told, where they said so.
create table preference (
    citizen uuid primary key,
    -- Null: as the city's policy has it.
    medium text,
    -- Since then the citizen wants no news; the answer to a message of their own still comes.
    muted_at timestamptz,
    -- Who wrote it: `citizen`, or `operator:NAME`.
    actor text not null,
    changed_at timestamptz not null
);
create index preference_changed on preference (changed_at);

-- Media that lately did not reach a citizen although an address was there.
create table unreached (
    citizen uuid not null,
    medium text not null,
    until timestamptz not null,
    changed_at timestamptz not null,
    primary key (citizen, medium)
);
create index unreached_changed on unreached (changed_at);

-- Handed on to other bodies' Open311 servers, and not looked after yet.
create index notification_unwatched on notification (done_at)
    where medium = 'open311' and (status = 'uncertain' or status = 'delivered' and remote_id is not null)
        and watch_at is null and watches = 0;
