//! What the store promises, on both databases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod opening;
mod portals;
mod refresh;
