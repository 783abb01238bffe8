//! The use cases over a database in memory and a CRM that does what a test tells it. Names begin
//! with the requirement that they prove.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop at once"
)]

mod addresses;
mod cabinet_accounts;
mod cabinet_links;
mod events;
mod fleet;
mod installing;
mod leaving;
mod probing;
mod stopping;
mod support;
mod tokens;
