//! What the simulated cloud promises to those who test against it.

#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod access;
mod batch;
mod client;
mod faults;
mod lists;
mod page;
mod worlds;
