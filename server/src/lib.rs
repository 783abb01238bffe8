//! The server's rooms behind the binary `crmap`: command line, settings, router, pages for portals.
//! No rule of the product lives here; they are `service`'s and `domain`'s.

mod account;
mod arriving;
mod backup;
mod cabinet;
pub mod cli;
mod config;
mod cookies;
mod csp;
mod csrf;
mod database;
pub mod door;
mod embedded;
mod events;
pub mod figures;
mod front;
pub mod headers;
mod health;
mod install;
mod keys;
mod legal;
mod log;
pub mod mail;
mod outside;
mod page;
pub mod panics;
mod requests;
pub mod router;
mod routes;
mod runtime;
pub mod secret_file;
mod serve;
mod site;
mod span;
mod spec;
mod taking;
mod visitor;

pub use cookies::{Cookies, Shown};
pub use front::Front;
pub use router::{App, router};
pub use routes::{Access, Route, routes};
pub use runtime::{OsEntropy, SystemClock};
pub use site::{Carried, Site};
pub use visitor::TrustedProxies;
