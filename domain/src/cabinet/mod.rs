//! What a cabinet holds and shows: the forms of what people type, the portals of an account, and why
//! something was denied. The words for all of it are the pages' own.

mod account;
mod attention;
mod denial;
mod email;
mod found;
mod history;
mod link;
mod log;
mod password;
mod run;
mod saved;
mod tagging;

pub use account::{AccountData, Device, InvalidName, PersonName};
pub use attention::{Attention, attention, stale_after};
pub use denial::Denial;
pub use email::{Email, InvalidEmail};
pub use found::{Found, FoundIn, OnlyIn, ReadAs};
pub use history::{
    HistoryFilter, HistoryPage, HistoryPlace, LookedUp, RowThen, VersionChanges, VersionMark,
};
pub use link::{
    CabinetPreview, Description, InvalidDescription, Level, LinkOnPortal, Mark, PortalCard,
    PortalDetails, RightsOf,
};
pub use log::{Deed, DeedKind, JournalLine, JournalPlace};
pub use password::{PasswordFlaw, Strength, check_length};
pub use run::{ReadFailure, RunFailure, RunOf, RunProgress};
pub use saved::{FilterName, InvalidFilterName, SavedFilter};
pub use tagging::{TagChange, Tagged};
