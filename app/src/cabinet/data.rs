//! What the server hands to a page of the cabinet: everything that it needs to be drawn the same way
//! on both sides, and nothing more (SEC-53).

use std::sync::Arc;

use crmap_domain::cabinet::{
    AccountData, Deed, Denial, Device, Found, HistoryFilter, HistoryPage, LookedUp, PortalCard,
    PortalDetails, RunProgress, SavedFilter, VersionMark,
};
use crmap_domain::{Lang, Specification};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::compare::room::CompareRoom;
use super::filter::Filter;
use crate::data::{Place, Theme};

/// A page of the cabinet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CabinetData {
    /// The language of the page.
    pub lang: Lang,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// The address of the page, without host: where switches of language and theme lead back to.
    pub address: String,
    /// The server's clock, by which ages are told.
    pub now: Moment,
    /// What it shows.
    pub page: Page,
}

/// A moment on the wire.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Moment(i64);

impl From<OffsetDateTime> for Moment {
    fn from(at: OffsetDateTime) -> Self {
        Self(at.unix_timestamp())
    }
}

impl Moment {
    /// The moment; the beginning of 1970 for a number that is none.
    #[must_use]
    pub fn at(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// What a page of the cabinet shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Page {
    /// For whoever is not logged in.
    Outside(Outside),
    /// For whoever is.
    Inside(Box<Inside>),
}

/// Pages before the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outside {
    /// Logging in.
    Login(LoginForm),
    /// Making an account.
    Register(RegisterForm),
    /// Asking for a mail to set a new password.
    Password(PasswordForm),
    /// Setting a new password with the code of such a mail.
    NewPassword(NewPasswordForm),
    /// There is no such page, or something is wrong on our side.
    Trouble(Denial),
}

/// The form of logging in, as it was sent where that did not work.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LoginForm {
    /// The address that was typed.
    pub email: String,
    /// Why it did not work.
    pub denial: Option<Denial>,
    /// What was done just before.
    pub done: Option<Done>,
}

/// What leads to the form of logging in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// An account was made.
    Registered,
    /// A new password was set.
    PasswordSet,
    /// The cabinet was left.
    LoggedOut,
    /// The account was deleted.
    Deleted,
}

impl Done {
    const ALL: [Self; 4] = [
        Self::Registered,
        Self::PasswordSet,
        Self::LoggedOut,
        Self::Deleted,
    ];

    /// Its name in the address of the page.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::PasswordSet => "password",
            Self::LoggedOut => "left",
            Self::Deleted => "deleted",
        }
    }

    /// The one of a name in an address.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.slug() == slug)
    }
}

/// The form of registering, as it was sent where that did not work.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RegisterForm {
    /// The name that was typed.
    pub name: String,
    /// The address that was typed.
    pub email: String,
    /// Why it did not work.
    pub denial: Option<Denial>,
}

/// The form of a forgotten password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordForm {
    /// The address that was typed.
    pub email: String,
    /// Why it did not work.
    pub denial: Option<Denial>,
    /// Whether the mail is on its way, if there is such an account.
    pub asked: bool,
    /// Whom to write to where this CRMAP sends no mail.
    pub write_to: Option<String>,
}

/// The form of a new password.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewPasswordForm {
    /// Why it did not work.
    pub denial: Option<Denial>,
}

/// A page behind the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inside {
    /// The connection token, for its owner's eyes.
    pub token: String,
    /// What is shown.
    pub room: Room,
}

/// Rooms of a cabinet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Room {
    /// All portals.
    Dashboard(Dashboard),
    /// One portal.
    Portal(Box<PortalRoom>),
    /// A search over all portals.
    Search(Box<Found>),
    /// Two portals side by side.
    Compare(Box<CompareRoom>),
    /// The account itself.
    Profile(Profile),
    /// The question whether to leave.
    Leave,
    /// There is no such page, or something is wrong on our side.
    Trouble(Denial),
}

/// All portals of a cabinet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dashboard {
    /// The portals.
    pub portals: Vec<PortalCard>,
    /// Which of them are shown, in which order.
    pub filter: Filter,
    /// Whether all of those are drawn at once, and not the first ones alone.
    pub whole: bool,
    /// What others did to the account and its owner has not seen yet.
    pub news: Vec<Deed>,
    /// The filters that the account keeps.
    pub filters: Vec<SavedFilter>,
    /// The reading of several portals that is under way, or that was not put away yet.
    pub run: Option<RunProgress>,
    /// After how many seconds a reading is old.
    pub stale_after: u32,
}

/// The portals of a cabinet as they are by now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cards {
    /// The server's clock.
    pub now: Moment,
    /// The portals.
    pub portals: Vec<PortalCard>,
}

impl Dashboard {
    /// The parameter of the address that asks for all portals at once.
    pub const WHOLE: &'static str = "whole";
}

/// One portal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalRoom {
    /// The portal and its connection.
    pub details: PortalDetails,
    /// The last reading.
    pub specification: Option<Arc<Specification>>,
    /// What is shown of it.
    pub view: PortalView,
    /// Where in the sheet the address points.
    pub place: Place,
    /// The number of the version that is there now; 0 where the portal was not read yet.
    pub version: u32,
    /// The version that the sheet shows instead.
    pub old: Option<VersionMark>,
    /// What changed in it, where that is shown.
    pub history: Option<HistoryRoom>,
}

/// What changed in a portal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryRoom {
    /// Which changes are shown.
    pub filter: HistoryFilter,
    /// The first of them.
    pub page: HistoryPage,
    /// The ID and the day that are asked for.
    pub asked: HistoryQuestion,
    /// What it was.
    pub looked_up: Option<LookedUp>,
}

/// An ID at a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuestion {
    /// The ID; empty where nothing is asked.
    pub id: String,
    /// The day.
    pub on: time::Date,
}

/// What the page of a portal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PortalView {
    /// The specification.
    #[default]
    Sheet,
    /// What changed.
    History,
    /// How the portal is connected.
    Connection,
}

impl PortalView {
    /// The parameter of the address that names it.
    pub const PARAMETER: &'static str = "view";
    /// The parameter of the address that names a version of the sheet.
    pub const VERSION: &'static str = "version";
    const ALL: [Self; 3] = [Self::Sheet, Self::History, Self::Connection];

    /// Its name in the address.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Sheet => "sheet",
            Self::History => "history",
            Self::Connection => "connection",
        }
    }

    /// The one of a name in an address.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        let mut views = Self::ALL.into_iter();
        views.find(|view| view.slug() == slug).unwrap_or_default()
    }
}

/// The account itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Profile {
    /// Whose cabinet it is.
    pub account: AccountData,
    /// Browsers that are logged in.
    pub devices: Vec<Device>,
    /// What was done, the newest first.
    pub log: Vec<Deed>,
    /// How many portals are linked.
    pub portals: usize,
    /// Whether changes of the address are told by mail.
    pub sends_mail: bool,
}
