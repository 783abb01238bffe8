//! The pages of CRMAP, rendered on the server and brought to life in the browser, and the server
//! functions behind them. Components show; they do not decide: the rules live in `domain` and
//! `service`.
//!
//! # The two faces
//! [`embedded`] is the page inside a portal, [`cabinet`] the pages of a site of its own. Both show a
//! portal's specification by the same `sheet`, are drawn with [`ui`], speak by [`words`], and meet the
//! browser through `browser` alone. Each is a WebAssembly module of its own.
//!
//! # The way of a page
//! The server writes the whole document (`document`), drawn and with its data as an island; in the
//! browser `awaken` or `awaken_cabinet` takes the data out and hydrates. What is asked later is a
//! server function of [`api`], which fails by the codes of [`error`].
#![recursion_limit = "256"]

pub mod api;
mod browser;
pub mod cabinet;
pub mod data;
#[cfg(feature = "ssr")]
pub mod document;
pub mod embedded;
pub mod error;
pub mod help;
pub mod pages;
mod sheet;
pub mod ui;
pub mod words;

#[cfg(feature = "hydrate")]
mod awaken;
#[cfg(feature = "hydrate")]
pub use awaken::{awaken, awaken_cabinet};
