//! The server's rooms behind the binary `crmap`: command line, settings, router, pages for portals.
//! No rule of the product lives here; they are `service`'s and `domain`'s.

mod arriving;
pub mod cli;
mod csp;
mod database;
mod embedded;
mod events;
mod install;
mod keys;
mod legal;
pub mod mail;
mod outside;
mod page;
pub mod router;
mod runtime;
mod serve;
mod site;
mod spec;

pub use router::{App, router};
pub use runtime::{OsEntropy, SystemClock};
pub use site::Site;
