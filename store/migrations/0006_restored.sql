-- When a chain came out of a backup and was not proved since: its refresh token may have been used up
-- after the backup was taken. Until the authority was asked, nothing is done by it.
alter table credential add column restored_at bigint;

create index credential_restored on credential (restored_at) where restored_at is not null;
