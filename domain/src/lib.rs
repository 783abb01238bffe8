//! What CRMAP knows about a CRM account: funnels, stages, custom fields and portal users, gathered
//! in a [`Specification`], and the pure rules over it. No input or output, no clock, no network:
//! everything here also builds for the browser.
//!
//! # Where to begin
//! A [`Specification`] is everything that was read of one portal at one moment as one user sees it:
//! [`Funnel`]s with their [`Stage`]s, [`CustomField`]s with their [`ListItem`]s, [`PortalUser`]s.
//! Each kind stands in a [`Section`], which holds its rows or the [`Refusal`] that kept them away, so
//! that what could not be seen never looks like what is not there. [`Specification::sort`] gives rows
//! their one order.
//!
//! # What is made of it
//! - files: [`text`] for people, [`json`] for programs;
//! - searches: [`search`] within one portal at every key pressed, [`search::fleet`] over hundreds;
//! - time: [`change`] tells how two readings of one portal differ, [`seen`] what is new to a visitor;
//! - comparison: [`compare`] finds by meaning what belongs together in two portals.
//!
//! # What else is said here once
//! [`cabinet`] has the forms of what people type and the values that pages of a cabinet show.
//! [`Trouble`] is why a portal could not be read, [`PortalState`] how it stands. [`words`] says all of
//! it in both languages: what pages, files, mails and the command line call alike is called by these.
#![warn(missing_docs)]

pub mod cabinet;
pub mod change;
pub mod compare;
mod field;
mod funnel;
pub mod item;
pub mod json;
mod lang;
pub mod moment;
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
