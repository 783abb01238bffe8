//! Cabinets: accounts of people who look after portals.

mod mailer;
mod visitor;

pub use mailer::{Mail, MailError, Mailer};
pub use visitor::Visitor;
