-- App IO says "unread"; "processed" is what it says where it does not tell of reading.
drop index notification_unread;
create index notification_unread on notification (done_at)
    where status = 'delivered' and receipt in ('unread', 'delivered') and fallback is not null
        and followed_at is null;
-- Whoever looks at one medium is not in the way of the others.
drop index notification_watched;
create index notification_watched on notification (medium, watch_at) where watch_at is not null;
