alter table notification
    -- What waits here waits for the same other side: one that is down holds up no other.
    add column line text generated always as (
        case when medium in ('webhook', 'open311') then medium || ':' || recipient else medium end) stored,
    -- Its ticket's priority when it was owed, 0 (low) to 3 (urgent): the most urgent of a line go first.
    add column urgency smallint not null default 1,
    -- When the other side is asked what became of it, and how often it was.
    add column watch_at timestamptz,
    add column watches int not null default 0,
    -- Earlier events that are told together with its own.
    add column bundled uuid[],
    -- The notification that did not reach the citizen, whose place this one takes.
    add column instead_of uuid,
    -- When the next medium followed because this one was delivered and not read.
    add column followed_at timestamptz;

update notification n set urgency = array_position(array['low', 'normal', 'high', 'urgent'], t.priority) - 1
from ticket t where t.number = n.ticket and n.status in ('waiting', 'sending');

-- What daemons hold in memory is in the one, what is there for whoever has room in the other, by line: a million of a
-- line that is down are not in the way of the other lines.
drop index notification_open;
create index notification_held on notification (owner)
    where status in ('waiting', 'sending') and owner is not null;
create index notification_unheld on notification (line, urgency, next_attempt_at)
    where status in ('waiting', 'sending') and owner is null;
create index notification_unheld_expiry on notification (expires_at)
    where status in ('waiting', 'sending') and owner is null;
create index notification_given_up on notification (done_at) where status in ('refused', 'expired', 'uncertain');
create index notification_watched on notification (watch_at) where watch_at is not null;
-- Delivered where reading is told, not read, and another medium may follow.
create index notification_unread on notification (done_at)
    where status = 'delivered' and receipt in ('processed', 'delivered') and fallback is not null
        and followed_at is null;

-- Each attempt that did not deliver at once; that of a notification delivered at its first attempt is its own row.
create table attempt (
    notification uuid not null,
    at timestamptz not null,
    -- Begins anew when an operator has it sent again.
    number int not null,
    -- waiting (another is due), delivered, refused, expired, uncertain.
    outcome text not null,
    reason text,
    primary key (notification, at, number)
);

-- What an event carries beyond its words: {"payment": {…}}.
alter table event add column details jsonb;

alter table ticket
    -- The time of the ticket stands still since then: the citizen is asked for something.
    add column waiting_since timestamptz,
    -- Who was told that it is due or overdue: 0 nobody, 1 its office, 2 the level above, and so on.
    add column escalation int not null default 0,
    -- Why the citizen is told on contact_medium.
    add column contact_why text,
    -- What the citizen said of this ticket alone: a medium, `none` (no news), `any` (as the city's policy has it).
    add column contact_wish text;
-- A range of it for each stage holds the tickets of which somebody is to be told, and no others.
create index ticket_due on ticket (escalation, due_at)
    where closed_at is null and waiting_since is null and due_at is not null;

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

-- Every change of a preference, since a city must be able to show who wanted what, and when.
create table preference_change (
    id bigint generated always as identity primary key,
    citizen uuid not null,
    at timestamptz not null,
    -- A medium, `none` or `any`.
    wish text not null,
    actor text not null
);
create index preference_change_citizen on preference_change (citizen, at);

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
