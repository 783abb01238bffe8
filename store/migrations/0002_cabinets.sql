-- Cabinets: the people who have one, their browsers, and the portals that are linked to it.

-- A key of the database's own, by which secrets are found without being readable; it outlives the
-- keys that it is sealed with.
create table index_key (
    name text not null primary key,
    sealed_key bytea not null
);

create table account (
    id text not null primary key,
    email text not null,
    -- By which two addresses are the same.
    email_key text not null unique,
    name text not null,
    password_hash text not null,
    password_version bigint not null default 1,
    lang text not null,
    sealed_connection_token bytea not null,
    connection_token_version bigint not null default 1,
    connection_token_index bytea not null unique,
    connection_token_made_at bigint not null,
    made_at bigint not null,
    -- Up to which moment the owner has seen the news of the account.
    news_seen_at bigint not null
);

-- Browsers that are logged in, by the digest of their cookie.
create table web_session (
    digest bytea not null primary key,
    id text not null unique,
    account_id text not null references account (id) on delete cascade,
    made_at bigint not null,
    seen_at bigint not null,
    ends_at bigint not null,
    agent text not null,
    ip text not null
);

create index web_session_of_account on web_session (account_id, seen_at);
create index web_session_end on web_session (ends_at);

-- Browsers that once logged in: tries from them are counted apart from those of strangers.
create table known_device (
    digest bytea not null primary key,
    account_id text not null references account (id) on delete cascade,
    seen_at bigint not null
);

create index known_device_of_account on known_device (account_id);
create index known_device_age on known_device (seen_at);

-- Codes that were mailed to set a new password with, by their digest.
create table password_reset (
    digest bytea not null primary key,
    account_id text not null references account (id) on delete cascade,
    password_version bigint not null,
    email_key text not null,
    ends_at bigint not null
);

create index password_reset_of_account on password_reset (account_id);
create index password_reset_end on password_reset (ends_at);

-- Tries of what is limited, of whatever is named by a digest: when the tries made so far will be
-- forgotten, by the database's clock.
create table attempt (
    kind text not null,
    subject bytea not null,
    full_at bigint not null,
    primary key (kind, subject)
);

create index attempt_age on attempt (full_at);

-- Mails on their way out.
create table outbox (
    id text not null primary key,
    account_id text references account (id) on delete cascade,
    sealed_mail bytea not null,
    made_at bigint not null,
    attempts bigint not null default 0,
    next_at bigint not null,
    lease_owner text,
    lease_until bigint
);

create index outbox_waiting on outbox (next_at);

create table link (
    account_id text not null references account (id) on delete cascade,
    member_id text not null references portal (member_id) on delete cascade,
    id text not null unique,
    level text not null,
    linked_at bigint not null,
    linked_by bigint not null,
    label text not null default '',
    note text not null default '',
    mark text,
    tags text not null default '[]',
    -- When the portal removed the application: from then on the link serves nothing, until an
    -- administrator links the portal again.
    void_since bigint,
    primary key (account_id, member_id)
);

create index link_of_portal on link (member_id);

-- The last reading of a linked portal. What is known of its people stands apart, since it goes when
-- the portal removes the application.
create table snapshot (
    member_id text not null primary key references portal (member_id) on delete cascade,
    taken_at bigint not null,
    -- Whether it was read with the rights of an administrator, who sees everything.
    by_administrator bigint not null default 1,
    totals text not null,
    content bytea not null,
    people bytea
);

alter table audit add column account_id text;

create index audit_of_account on audit (account_id, at, id);
