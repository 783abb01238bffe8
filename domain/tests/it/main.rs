//! What the crate promises, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod arbitrary;
mod changes;
mod compare;
mod fleet;
mod fuzz;
mod json;
mod kinds;
mod order;
mod reader;
mod sample;
mod search;
mod text;
mod totals;
mod words;
