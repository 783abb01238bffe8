//! The pages of CRMAP, rendered on the server and brought to life in the browser, and the server
//! functions behind them. Components show; they do not decide: the rules live in `domain` and
//! `service`.
#![recursion_limit = "256"]

pub mod api;
mod browser;
pub mod cabinet;
pub mod data;
#[cfg(feature = "ssr")]
pub mod document;
pub mod embedded;
pub mod error;
pub mod pages;
mod sheet;
pub mod ui;
pub mod words;

#[cfg(feature = "hydrate")]
mod awaken;
#[cfg(feature = "hydrate")]
pub use awaken::{awaken, awaken_cabinet};
