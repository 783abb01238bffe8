//! Workbooks of Excel (ECMA-376), written from the first byte to the last without going back.
//!
//! Writers that are to be had keep every cell of a table in memory (200 MB for 400,000 rows), or rows
//! in files of their own, or both. Here a row leaves when it is written, so a portal of any size
//! costs some megabytes, and nothing can be written but strings and numbers: no cell can become a
//! formula (SEC-54).

mod many;
mod package;
mod sheet;
mod single;
mod xml;

pub use many::Workbook;
pub use single::write_xlsx;

/// How many rows a sheet of Excel has.
const ROWS: u32 = 1_048_576;
