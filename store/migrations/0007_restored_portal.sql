-- When a portal came out of a backup and nothing was heard of it since: what it asked for after the
-- backup was taken, like the deletion of its data, is not known.
alter table portal add column restored_at bigint;
