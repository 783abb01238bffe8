//! Why something was not done, as codes that a person can be told about.

use serde::{Deserialize, Serialize};

use super::PasswordFlaw;
use crate::{TokenFlaw, Trouble};

/// Why a cabinet, or the linking to one, did not do what it was asked. Carries nothing from inside
/// (SEC-52).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Nobody is logged in, or not any more.
    SignedOut,
    /// There is no such thing, or it is somebody else's (SEC-77: nobody is told which).
    NotFound,
    /// The name cannot be one.
    Name,
    /// The address cannot be one.
    Email,
    /// The password is not taken.
    Password(PasswordFlaw),
    /// Address and password do not belong together (SEC-64: nobody is told which is wrong).
    Credentials,
    /// The present password is wrong.
    WrongPassword,
    /// The code of a mail is unknown, used or too old.
    ResetOver,
    /// This CRMAP sends no mail.
    MailOff,
    /// The description is too long.
    Description,
    /// The name of a filter is empty or too long.
    FilterName,
    /// Another filter has this name.
    FilterNameTaken,
    /// The account keeps as many filters as it can.
    TooManyFilters,
    /// Too many tries; try again after so many seconds.
    TooOften {
        /// How long to wait.
        seconds: u32,
    },
    /// Too much is going on; try again in a moment.
    Busy,
    /// Another file is being written for the account.
    Exporting,
    /// The connection token is not well formed.
    Token(TokenFlaw),
    /// No cabinet has this connection token.
    UnknownToken,
    /// The visitor does not administer the portal.
    NotAdministrator,
    /// The portal stood in the way.
    Portal(Trouble),
    /// The database is away.
    StoreUnavailable,
    /// The server could not be reached, or its answer could not be understood.
    Connection,
    /// CRMAP failed inside.
    Internal,
}
