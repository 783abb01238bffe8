-- A fleet under one roof: portals that are read by themselves, what their readings were, what is
-- looked for in them, and how a cabinet keeps order among many.

-- Readings for cabinets. A portal is read by whoever holds its lease, which goes by the database's
-- clock. One that was never read is due at once.
alter table portal add column next_reading_at bigint;
alter table portal add column reading_owner text;
alter table portal add column reading_until bigint;
-- How many readings in a row failed or were broken off.
alter table portal add column reading_attempts bigint not null default 0;
-- When the last reading began, and how long it took.
alter table portal add column reading_began_at bigint;
alter table portal add column reading_ms bigint;
-- Whether the portal itself took long to answer then.
alter table portal add column reading_slow bigint not null default 0;
-- When and why the last reading failed; nothing since one that did not.
alter table portal add column failed_at bigint;
alter table portal add column failure text;

create index portal_being_read on portal (reading_until) where reading_until is not null;

alter table link add column favourite bigint not null default 0;
-- When the owner last looked at the portal, and up to which version.
alter table link add column opened_at bigint;
alter table link add column seen_version bigint not null default 0;

-- What a portal held, whenever that changed. What is known of its people stands apart, since it goes
-- when the portal removes the application.
create table version (
    member_id text not null references portal (member_id) on delete cascade,
    number bigint not null,
    -- The first and the last reading that found it so.
    first_read_at bigint not null,
    last_read_at bigint not null,
    -- Whose rights saw it.
    viewer_id bigint not null,
    by_administrator bigint not null,
    -- Of what is compared: two readings with the same one are the same. Nothing where it is not known.
    digest bytea,
    content bytea not null,
    people bytea,
    primary key (member_id, number)
);

-- How a version differs from the one before.
create table change (
    member_id text not null,
    number bigint not null,
    place bigint not null,
    kind text not null,
    item text not null,
    item_id text not null,
    within text,
    label text not null,
    -- Before and after, as JSON.
    detail text not null,
    primary key (member_id, number, place),
    foreign key (member_id, number) references version (member_id, number) on delete cascade
);

create index change_of_item on change (member_id, item_id);

-- The snapshot points to the version that is there now, whose last reading it stands for. Where that
-- was refused a part of the portal, what was last known of it is kept for the next comparison.
alter table snapshot add column number bigint not null default 0;
-- The circumstances of the last reading, as JSON, without names.
alter table snapshot add column reading text;
alter table snapshot add column known bytea;

insert into version (member_id, number, first_read_at, last_read_at, viewer_id, by_administrator,
    content, people)
select member_id, 1, taken_at, taken_at, 0, by_administrator, content, people from snapshot;
-- Content and people stay in the table for the release before this one, and empty.
update snapshot set number = 1, content = '', people = null;
update link set seen_version = 1 where member_id in (select member_id from snapshot);

-- What somebody saw of a portal from within it: digests of rows alone. The marks of a visit compare
-- with what the visit before saw last.
create table visit (
    member_id text not null references portal (member_id) on delete cascade,
    user_id bigint not null,
    seen_at bigint not null,
    seen bytea not null,
    before_at bigint,
    before bytea,
    primary key (member_id, user_id)
);

create index visit_age on visit (seen_at);

-- What is looked for in a portal's last reading, and goes with it.
create table search_index (
    member_id text not null primary key references snapshot (member_id) on delete cascade,
    -- Tells this content from any other that the portal had or will have.
    stamp bigint not null,
    content bytea not null
);

-- Readings of several portals that somebody asked for.
create table refresh_run (
    id text not null primary key,
    account_id text not null references account (id) on delete cascade,
    made_at bigint not null,
    stopped_at bigint,
    finished_at bigint,
    put_away_at bigint
);

create index refresh_run_of_account on refresh_run (account_id, made_at);
-- A cabinet has one that goes on.
create unique index refresh_run_under_way on refresh_run (account_id)
    where finished_at is null and stopped_at is null;

create table refresh_task (
    run_id text not null references refresh_run (id) on delete cascade,
    member_id text not null references portal (member_id) on delete cascade,
    state text not null,
    failure text,
    ended_at bigint,
    primary key (run_id, member_id)
);

create index refresh_task_of_portal on refresh_task (member_id) where ended_at is null;

create table saved_filter (
    id text not null primary key,
    account_id text not null references account (id) on delete cascade,
    name text not null,
    query text not null,
    made_at bigint not null
);

create index saved_filter_of_account on saved_filter (account_id, made_at);

-- Things of two portals that a cabinet's owner says are the same, or that nothing matches one.
create table item_match (
    account_id text not null references account (id) on delete cascade,
    left_member text not null references portal (member_id) on delete cascade,
    right_member text not null references portal (member_id) on delete cascade,
    item text not null,
    left_key text not null,
    right_key text not null,
    made_at bigint not null,
    primary key (account_id, left_member, right_member, item, left_key, right_key)
);
