//! The server's rooms behind the binary `crmap`: command line, settings, router, pages for portals.
//! No rule of the product lives here; they are `service`'s and `domain`'s.

pub mod cli;
mod csp;
mod embedded;
mod outside;
pub mod router;
mod runtime;
mod serve;
mod site;
mod spec;

pub use router::{App, router};
pub use runtime::{OsEntropy, SystemClock};
pub use site::Site;
