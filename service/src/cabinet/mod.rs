//! Cabinets: accounts of people who look after portals.

mod mailer;

pub use mailer::{Mail, MailError, Mailer};
