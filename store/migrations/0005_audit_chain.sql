-- The audit log as trails, one for each account, each portal and the operator: every deed bears a
-- digest of itself and of the one before it, by a key that the database keeps sealed (SEC-71). Deeds
-- of the releases before have none until the first start with this one.

alter table audit add column trail text;
alter table audit add column place bigint;
alter table audit add column mac bytea;

create index audit_place on audit (trail, place);

create table audit_trail (
    trail text not null primary key,
    -- The oldest deed that is kept, and the digest of the one before it.
    first_place bigint not null,
    before_mac bytea not null,
    last_place bigint not null,
    last_mac bytea not null,
    -- Whether its owner was there before it, so that it may lack something.
    late bigint not null default 0,
    -- Of all this; empty where the trail was found tampered with when something was added.
    mac bytea not null
);

-- Deeds that were erased with the portal that they named (SEC-19): what the next one goes on from.
create table audit_gap (
    trail text not null,
    place bigint not null,
    gone_mac bytea not null,
    -- Of all this: only CRMAP erases.
    mac bytea not null,
    primary key (trail, place)
);
