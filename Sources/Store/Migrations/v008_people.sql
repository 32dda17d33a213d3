-- Who did what to tickets and to what is known of citizens. Appended to in the transaction of the act itself. No row
-- holds what could name a citizen but the citizen's id.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    -- `operator:NAME`, the account that ran a command; `office:CODE`, whose token it was; `daemon`.
    actor text not null,
    -- `ticket.moved`, `queue.cancel`, `citizen.export`, …
    action text not null,
    ticket bigint,
    citizen uuid,
    -- Counts, codes, names of fields.
    details jsonb,
    -- What the operator gave as the reason.
    reason text
);
create index audit_at on audit using brin (at);
create index audit_ticket on audit (ticket) where ticket is not null;
create index audit_citizen on audit (citizen) where citizen is not null;

-- Rows go only once they are older than an age that the transaction declares, at least thirty days: retention's own
-- path.
create function audit_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and coalesce(current_setting('pasquino.audit_age', true), '') <> ''
        and old.at < now() - greatest(current_setting('pasquino.audit_age')::interval, interval '30 days')
    then
        return old;
    end if;
    raise exception 'the audit trail is only appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_kept before update or delete on audit for each row execute function audit_is_kept();
create trigger audit_is_not_emptied before truncate on audit for each statement execute function audit_is_kept();

-- What is known of these citizens must not be removed, neither on request nor by age.
create table legal_hold (
    id bigint generated always as identity primary key,
    citizen uuid not null,
    placed_at timestamptz not null,
    placed_by text not null,
    reason text not null,
    released_at timestamptz,
    released_by text,
    release_reason text
);
create unique index legal_hold_open on legal_hold (citizen) where released_at is null;

-- Since then nothing in the row tells whose it was.
alter table ticket add column erased_at timestamptz;
alter table message add column erased_at timestamptz;
create index ticket_closed on ticket (closed_at) where closed_at is not null and erased_at is null;

-- Whose files a blob's bytes are. Only messages with files write here.
create index attachment_hash on attachment (hash);
create index attachment_shown on attachment (shown) where shown is distinct from hash;
-- Bytes that an attachment which is gone referred to; they go too if no other one does.
create table blob_doubt (hash bytea primary key);
-- Citizens of whom a ticket was anonymised by age; what else is known of them goes if it was the last one.
create table citizen_doubt (citizen uuid primary key);

-- How far retention has come, and what it has removed so far.
create table retention_progress (
    what text primary key,
    -- Among ids that begin with their moment: all before it are done.
    position uuid,
    looked_at timestamptz not null,
    removed bigint not null,
    removed_at timestamptz
);
