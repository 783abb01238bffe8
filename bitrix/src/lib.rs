//! The Bitrix24 connector behind the port `crm`: calls REST within each portal's limits, reads a
//! whole specification in the fewest requests, proves openings at the authorization servers, and
//! renews tokens there, binds in a portal what CRMAP has to hear of, and parses what a portal sends.
//! It stores nothing, decides on no token and shows nothing to people.
//!
//! The way of a reading: [`Bitrix24`] → `read` (which methods) → `batch` (many in one request) →
//! `transport` (credentials, limits, repetitions) → `egress` (HTTP) and back through `envelope`
//! and `decode` into the types of `domain`.
#![warn(missing_docs)]

mod address;
mod batch;
mod classify;
mod connector;
mod context;
mod decode;
mod egress;
mod envelope;
pub mod event;
mod figures;
mod form;
#[cfg(test)]
mod fuzz;
mod limits;
mod mask;
mod oauth;
pub mod opening;
mod paging;
mod params;
mod read;
mod record;
mod repair;
mod settings;
mod setup;
mod standing;
mod transport;
pub mod webhook;

pub use connector::{Bitrix24, SettingsError};
pub use event::{Event, EventError, EventKind};
pub use figures::FIGURES;
pub use opening::{Opening, OpeningError};
pub use settings::{OFFICIAL_OAUTH_SERVERS, Pace, Settings, Timeouts};
