-- Sessions of the page inside a portal, where several processes share the database. They are found by
-- the digest of their bearer, in hexadecimal digits; whose token they show, and where they call, stands
-- under one seal. The portal may be one that nobody has installed yet.
create table page_session (
    digest text not null primary key,
    member_id text not null,
    user_id bigint not null,
    started_at bigint not null,
    ends_at bigint not null,
    sealed_session bytea not null
);

create index page_session_of_user on page_session (member_id, user_id, started_at);
create index page_session_age on page_session (ends_at);
