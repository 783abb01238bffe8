-- One text for SQLite and PostgreSQL: bigint (moments as unix milliseconds, flags as 0 and 1),
-- text and bytea alone. Columns named `sealed_…` hold envelopes of the vault.

create table key_check (
    key_id text not null primary key,
    sealed_check bytea not null
);

create table portal (
    member_id text not null primary key,
    -- The last known address; it is the portal's own only while there is a base.
    address text not null,
    base text,
    origin text not null,
    authority text not null,
    state text not null,
    state_since bigint not null,
    reason text not null default '',
    reason_since bigint not null,
    probes bigint not null default 0,
    next_probe_at bigint,
    probe_owner text,
    probe_until bigint,
    first_seen_at bigint not null,
    last_contact_at bigint not null,
    install_began_at bigint,
    installed_at bigint,
    installs bigint not null default 0,
    uninstalled_at bigint,
    version bigint,
    plan text,
    scopes text not null default '',
    sealed_application_token bytea,
    application_token_version bigint not null default 0,
    needs_reading_since bigint,
    hinted_at bigint
);

-- No address belongs to two portals at a time (SEC-08).
create unique index portal_of_address on portal (address) where base is not null;
create index portal_to_probe on portal (next_probe_at) where next_probe_at is not null;

create table credential (
    id text not null primary key,
    member_id text not null references portal (member_id) on delete cascade,
    user_id bigint not null,
    administrator bigint not null,
    status text not null,
    generation bigint not null,
    intent_generation bigint not null,
    sealed_access bytea,
    expires_at bigint,
    sealed_refresh bytea,
    sealed_candidate bytea,
    candidate_at bigint,
    lease_owner text,
    lease_until bigint,
    ambiguous_since bigint,
    last_used_at bigint not null,
    updated_at bigint not null,
    unique (member_id, user_id)
);

create index credential_in_doubt on credential (lease_until)
    where status = 'ambiguous' or intent_generation > generation;

-- Events of portals: the digest outlives the rest, so that a repetition is known.
create table inbox (
    digest bytea not null primary key,
    member_id text not null,
    name text not null,
    sent_at bigint,
    received_at bigint not null,
    arrived bigint not null,
    payload text,
    attempts bigint not null default 0,
    lease_owner text,
    lease_until bigint,
    finished_at bigint
);

create index inbox_waiting on inbox (member_id, arrived) where finished_at is null;
create index inbox_finished on inbox (finished_at) where finished_at is not null;

-- What is left of a portal that asked for everything to be deleted.
create table departed (
    digest bytea not null primary key,
    first_seen_at bigint not null,
    uninstalled_at bigint not null
);

create table rest_journal (
    id text not null primary key,
    member_id text not null,
    user_id bigint,
    at bigint not null,
    method text not null,
    status bigint,
    duration_ms bigint not null,
    error text,
    request text not null,
    response text not null,
    response_bytes bigint not null
);

create index rest_journal_of_portal on rest_journal (member_id, at, id);
create index rest_journal_age on rest_journal (at);

create table audit (
    id text not null primary key,
    at bigint not null,
    member_id text,
    actor text not null,
    action text not null,
    detail text not null
);

create index audit_of_portal on audit (member_id, at, id);

create table pace (
    account text not null,
    method text not null,
    asked_at bigint not null,
    full_at bigint not null,
    wait_ms bigint not null,
    blocked_until bigint not null,
    primary key (account, method)
);
