//! What the store promises, on both databases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod accounts;
mod arranging;
mod atomic;
mod backups;
mod chains;
mod events;
mod fleet;
mod histories;
mod item_matches;
mod leaving;
mod link_histories;
mod links;
mod logins;
mod opening;
mod outbox;
mod page_sessions;
mod portals;
mod records;
mod refresh;
mod restored;
mod sealed_accounts;
mod search_index;
mod secrets;
mod snapshots;
mod spilled;
mod standing;
mod stopping;
mod trails;
mod versions;
