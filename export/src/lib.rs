//! Specifications as files for spreadsheets, and many of them at once: CSV, XLSX, a ZIP archive, one
//! XLSX with the rows of many portals.
//!
//! Everything is written row by row into whatever takes bytes, without going back, so that a file
//! leaves while it is being made (SEC-57). Nothing that a portal holds becomes a formula (SEC-54),
//! ends a row or hides (SEC-55), or names a file (SEC-56).
#![warn(missing_docs)]

mod archive;
mod cell;
mod csv;
mod error;
mod form;
mod guard;
mod many;
mod name;
mod rows;
mod words;
mod xlsx;

pub use crate::csv::write_csv;
pub use archive::Archive;
pub use error::ExportError;
pub use form::{Form, OfMany};
pub use many::{Content, Gone, Many, Portal};
pub use name::{attachment, name_of_many};
pub use xlsx::{Workbook, write_xlsx};
