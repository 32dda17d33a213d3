-- A chat with a citizen: what is said there belongs to the chat's ticket while that is open.
create table conversation (
    channel text not null,
    -- The messenger's own name of it.
    chat text not null,
    -- Null: what comes next is a matter of its own.
    ticket bigint,
    -- The citizen's last message, as the messenger calls it, and the album it was part of.
    last_message text,
    last_group text,
    -- When it came: some messengers take free text for a day after it.
    last_at timestamptz,
    -- Since then the citizen wants to hear nothing more here.
    muted_at timestamptz,
    primary key (channel, chat)
);

-- Files that are still with the messenger. A row goes when its file is here.
create table media (
    message uuid not null,
    position int not null,
    channel text not null,
    -- By which the messenger gives it out.
    reference text not null,
    name text not null,
    -- As declared.
    type text not null,
    size bigint,
    attempts int not null default 0,
    next_attempt_at timestamptz not null,
    given_up_at timestamptz,
    reason text,
    primary key (message, position)
);
create index media_open on media (next_attempt_at) where given_up_at is null;

-- How far a channel that is asked has been read.
create table poll_position (
    channel text primary key,
    position text not null
);

-- Receipts name a notification by the messenger's id.
create index notification_remote on notification (remote_id)
    where medium in ('telegram', 'whatsapp', 'messenger', 'instagram', 'sms', 'mastodon');
