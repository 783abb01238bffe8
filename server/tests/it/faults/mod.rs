//! The real binary while what it stands on gives way: the database is cut off under load (REL-23),
//! the disk is full (REL-24).
//!
//! `CRASHBOX_FULL=1` makes them long.

mod breaker;
mod cuts;
mod full_disk;
mod program;
mod visitors;

/// Whether the long form of a test is wanted.
fn is_full() -> bool {
    std::env::var("CRASHBOX_FULL").is_ok_and(|value| value == "1")
}
