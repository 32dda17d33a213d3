-- What anybody may ask: the tickets of a channel, the newest first.
create index ticket_channel on ticket (channel, opened_at);
-- What has happened to tickets within a time. Events are written in the order in which they happen.
create index event_at on event using brin (at);
