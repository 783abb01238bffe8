//! The connector against a simulated portal, and against a bare server where the simulated one is
//! too well-behaved. Numbers such as SEC-04 name the requirement that a test proves.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop at once"
)]

mod broken;
mod crowd;
mod doors;
mod events;
mod faults;
mod journal;
mod limits;
mod opening;
mod pace;
mod paging;
mod portal;
mod proof;
mod reading;
mod refresh;
mod refusals;
mod renewals;
mod secrets;
mod setup;
mod stub;
mod support;
mod truth;
