//! A comparison as JSON, for programs.

use serde::Serialize;

use super::{Comparison, Tallies};
use crate::json::{writable, write_document};

/// What marks a document as a comparison of CRMAP.
pub const FORMAT: &str = "crmap.comparison";
/// The version of the layout. It grows when a reader of the last one would misunderstand the next;
/// members that are only added do not change it.
pub const VERSION: u64 = 1;

/// The whole document.
#[derive(Serialize)]
struct Document<'a> {
    format: &'a str,
    version: u64,
    totals: Tallies,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// The comparison as a JSON document, indented, its members always in the same order. Characters
/// that a reader cannot see are written as `\u202e`, so that the document is safe to look at.
#[must_use]
pub fn to_json(comparison: &Comparison) -> String {
    let mut corrected = comparison.clone();
    for head in [&mut corrected.left, &mut corrected.right] {
        head.reading.at = writable(head.reading.at);
    }
    let document = Document {
        format: FORMAT,
        version: VERSION,
        totals: comparison.totals(),
        comparison: &corrected,
    };
    let mut json = Vec::new();
    // Memory takes everything, and the moments are writable.
    let _never_fails = write_document(&document, &mut json);
    String::from_utf8(json).unwrap_or_default()
}
