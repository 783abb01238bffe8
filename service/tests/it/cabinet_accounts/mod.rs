//! Accounts over a database in memory: who gets one, who is let in, and what nobody finds out.

mod account;
mod login;
mod mails;
mod registration;
mod reset;
mod support;
mod timing;
