//! The database: portals, their tokens under seal, events, the record of requests, and the people who
//! have a cabinet with everything of theirs. SQLite for one process, PostgreSQL for many, by the same
//! statements. It decides nothing: when to refresh a token, what an event means and which state a
//! portal is in, is `service`'s.
//!
//! # How it is asked
//! [`Store`] has a function for each intent, and none for a table. What changes several things does so
//! in one transaction, and says in its name or its answer whether somebody else was faster. Whatever
//! belongs to a cabinet is asked for with its [`Tenant`], which only the database itself makes, out of
//! a session that is good (SEC-75).
//!
//! # What holds everywhere
//! - One text of SQL for both databases; the little that differs is written in braces, `{now}`, and
//!   filled in by `dialect`. Columns are bigint, text or bytea.
//! - Leases go by the database's clock; moments that people see are arguments.
//! - Secrets are sealed before they reach a column, each with its place, so that none opens anywhere
//!   else (`vault`). Keys are a [`KeyRing`].
//! - What cannot be understood is [`StoreError::Corrupt`] with its place, never a value made up.
//! - Who locks rows locks the portal first and the account next.
#![warn(missing_docs)]

mod account;
mod audit;
mod backup;
mod blocking;
mod columns;
mod connect;
mod credential;
mod dialect;
#[cfg(any(test, feature = "testing"))]
mod dump;
mod entropy;
mod error;
mod files;
mod fleet;
mod inbox;
mod inspect;
mod item_match;
mod journal;
mod keys;
mod leaving;
mod letting_go;
mod link;
mod moment;
mod own_key;
mod pace;
mod page_session;
mod portal;
mod presence;
mod readiness;
mod rotation;
mod search_index;
mod snapshot;
mod spill;
mod store;
mod tenant;
mod vault;
mod verify;
mod visit;
mod waiting;
mod words;

pub use account::{
    AccountRow, CabinetId, CabinetOfToken, Creation, EmailChange, FilterKeeping, ListedAccount,
    LoginRow, MAIL_KEPT, MailId, NewAccount, NewEmail, NewPassword, NewReset, NewSecrets,
    NewSession, Quota, ResetRow, SecretDigest, SeenSession, StoredPassword, Taken, Visit,
    WaitingMail, WebSession,
};
pub use audit::AuditRow;
pub use backup::{BackupError, Holding};
pub use connect::database_file;
pub use credential::{
    Chain, ChainStatus, FreshPair, Holder, Lease, Leased, OpeningTokens, Outcome, RefreshTurn,
    Released, Settled,
};
pub use entropy::Entropy;
pub use error::StoreError;
pub use files::lax_mode;
pub use fleet::{
    LastReading, ReadingAsked, ReadingEnd, ReadingLease, ReadingTurn, RunSummary, TaskEnd,
    TaskLink, WaitingTask,
};
pub use inbox::{EventId, NewEvent, Received, StoredEvent};
pub use inspect::Structure;
pub use journal::{JournalCursor, JournalPage, JournalRow};
pub use keys::{KeyRing, LoadedKeys};
pub use leaving::{Leaving, Left};
pub use link::{Arrangement, Grant, LinkedPortal, Linking, PortalLink};
pub use page_session::PageSession;
pub use portal::{InstallFacts, Portal, Remembered, SeenPortal, StandingChange, Was};
pub use readiness::{PoolUse, Readiness};
pub use rotation::Progress;
pub use search_index::{SearchPlace, Searched};
pub use snapshot::{
    Base, ChangeQuery, Comparison, Current, Keeping, NewReading, Renewal, Snapshot, StoredChange,
};
pub use spill::{Replayed, Spill};
pub use store::{Store, StoreSettings};
pub use tenant::Tenant;
pub use verify::Finding;
pub use visit::{Seen, Sighting};
pub use waiting::Waiting;
