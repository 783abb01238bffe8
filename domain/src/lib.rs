//! What CRMAP knows about a CRM account: funnels, stages, custom fields and portal users, gathered
//! in a [`Specification`], and the pure rules over it (order, rendering, search). No input or
//! output, no clock, no network: everything here also builds for the browser.
#![warn(missing_docs)]

pub mod cabinet;
pub mod change;
pub mod compare;
mod field;
mod funnel;
pub mod item;
pub mod json;
mod lang;
mod moment;
mod portal;
pub mod search;
pub mod seen;
mod specification;
mod standing;
pub mod text;
mod token;
mod totals;
mod trouble;
mod user;
mod visible;
pub mod words;

pub use field::{CustomField, EntityKind, ListItem};
pub use funnel::{Color, Funnel, Meaning, Stage};
pub use lang::Lang;
pub use portal::{InvalidMemberId, MemberId, PortalInfo};
pub use specification::{Fields, Reading, Refusal, Section, Source, Specification, Viewer};
pub use standing::{PortalState, Standing};
pub use token::{ConnectionToken, TokenFlaw};
pub use totals::{FieldTotals, Totals};
pub use trouble::{Trouble, Unreachable};
pub use user::PortalUser;
pub use visible::{visible, visible_except};
