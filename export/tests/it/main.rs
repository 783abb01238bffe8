//! What the crate promises, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../../../domain/tests/it/arbitrary.rs"]
mod arbitrary;
mod archive;
mod csv;
mod hostile;
#[path = "../../../domain/tests/it/sample.rs"]
mod sample;
mod table;
mod workbook;
mod xlsx;

/// What the generator of specifications takes from the tests of words.
mod words {
    pub const TYPE_CODES: [&str; 4] = ["enumeration", "string", "crm_status", "money"];
}
