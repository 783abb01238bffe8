//! A stand-in for Bitrix24: a cloud of simulated portals with their REST, the OAuth server and the
//! portal's web page around an application. For tests and development; over REST nothing can be
//! written but the application's own handlers.
//!
//! It is built from our notes about the real thing (`reference/bitrix24.md`, whose sections the
//! comments name) and shares no code with the connector: a mistake that both sides made together
//! would be found by no test.

#![warn(missing_docs)]

mod actions;
mod addresses;
mod auth;
mod authorize;
mod batch;
mod bindings;
mod clock;
mod cloud;
mod control;
mod crowd;
mod end;
mod envelope;
mod events;
mod faults;
mod fields;
mod front;
mod hostile;
mod http;
mod knobs;
mod ledger;
mod lies;
mod life;
mod limits;
mod log;
mod methods;
mod oauth;
mod opening;
mod operating;
mod options;
mod page;
mod params;
mod portal;
mod rest;
mod rows;
mod shared;
mod tls;
mod tokens;
pub mod worlds;

pub use actions::Action;
pub use cloud::Cloud;
pub use events::{Delivery, DeliveryKind, DeliveryState, EventQueue};
pub use faults::{Effect, Fault, hostile_text};
pub use knobs::{Knobs, Rotation, UninstalledOauth, UninstalledRest};
pub use ledger::{LedgerEntry, RefreshCount, Server, TokenKind, fingerprint};
pub use lies::Lie;
pub use life::{AppStanding, AppState};
pub use limits::RateLimit;
pub use log::{AuthKind, RequestLogEntry};
pub use operating::OperatingLimit;
pub use options::{AppRegistration, Options, Seed};
pub use portal::Portal;
pub use tls::TlsFlaw;
pub use tokens::{Chain, Issue};
pub use worlds::UserRole;
