//! The server's rooms behind the binary `crmap`: command line, settings, router, pages for portals and
//! of cabinets, mail, figures. No rule of the product lives here; they are `service`'s and `domain`'s.
//!
//! # The way of a request
//! `door` takes the connection, `router` wraps what all answers have in common (`requests`, `panics`,
//! [`headers`], `csrf`), [`routes`] says which room answers and who may come there. A room takes what
//! it needs out of the request (`taking`, `visitor`, `cabinet::browser`), asks one use case of
//! `service`, and writes a page of `app` with a policy of its own (`page`, `csp`) or a file.
//!
//! # The way of a command
//! [`cli`] reads it, `config` finds its settings, and the room of its name does it: `serve`, `spec`,
//! `keys`, `account`, `backup`, `health`.

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
pub use runtime::OsEntropy;
pub use site::{Carried, Site};
pub use visitor::TrustedProxies;
