//! What the simulated cloud and the database look like after processes were killed at the worst
//! moments (security.md §4, REL-01 to REL-09). Each check is also made with a fault in the protocol
//! that it must catch.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod crashes;
mod events;
mod fleet;
mod full_disk;
mod leaving;
mod lone;
mod mixed;
mod mixed_up;
mod outage;
mod replicas;
mod rotation;
mod stalled;
mod stored_first;
mod together;
mod wrong_clocks;
