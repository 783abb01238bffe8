//! What the simulated cloud promises to those who test against it.

#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod access;
mod addresses;
mod batch;
mod bindings;
mod broken;
mod client;
mod delivery;
mod events;
mod faults;
mod grants;
mod ledger;
mod lies;
mod life;
mod lists;
mod mailbox;
mod market;
mod operating;
mod page;
mod secured;
mod worlds;
