//! What the store promises, on both databases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod accounts;
mod chains;
mod events;
mod histories;
mod leaving;
mod logins;
mod opening;
mod outbox;
mod portals;
mod records;
mod refresh;
mod sealed_accounts;
mod secrets;
mod spilled;
mod standing;
