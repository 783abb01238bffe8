//! Portals: how they stand, where they are, and when they are to be looked at again.

mod arrival;
mod facts;
mod install;
mod probing;
mod standing;

use crmap_domain::{MemberId, PortalState};
use sqlx::Row;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

pub use arrival::{Remembered, SeenPortal, Was};
pub use install::InstallFacts;
pub use standing::StandingChange;

use crate::columns::Columns;
use crate::{Store, StoreError};

/// What is known of a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// Its identity.
    pub member_id: MemberId,
    /// Its last known address, host with the port where it is not the usual one. It belongs to the
    /// portal only while there is a [`base`](Self::base).
    pub address: String,
    /// The base of its interface's addresses; none when another portal took the address over
    /// (SEC-08): then this portal must not be called until it shows itself again.
    pub base: Option<String>,
    /// The origin that may frame its pages.
    pub origin: String,
    /// The authorization server that proved it.
    pub authority: String,
    /// How it stands.
    pub state: PortalState,
    /// Since when.
    pub state_since: OffsetDateTime,
    /// Why, in the code that the portal or its authority gave.
    pub reason: String,
    /// Since when state and reason are what they are.
    pub reason_since: OffsetDateTime,
    /// How many probes in a row gave no better state.
    pub probes: u32,
    /// When it is to be looked at again.
    pub next_probe_at: Option<OffsetDateTime>,
    /// When its first proved opening was.
    pub first_seen_at: OffsetDateTime,
    /// When it last answered or was opened.
    pub last_contact_at: OffsetDateTime,
    /// When its installation began; none when no installation was ever begun.
    pub install_began_at: Option<OffsetDateTime>,
    /// When its installation was finished last; none while it was not.
    pub installed_at: Option<OffsetDateTime>,
    /// How many times it was installed.
    pub installs: u32,
    /// When it was uninstalled; none while it is not.
    pub uninstalled_at: Option<OffsetDateTime>,
    /// The application's version that it has.
    pub version: Option<i64>,
    /// Its plan: `ru_basic`.
    pub plan: Option<String>,
    /// The scopes that the application was given.
    pub scopes: Vec<String>,
    /// Whether its token for events is known.
    pub has_application_token: bool,
    /// Since when there is something new to be read.
    pub needs_reading_since: Option<OffsetDateTime>,
    /// When a hint last had it looked at.
    pub hinted_at: Option<OffsetDateTime>,
    /// Whether it came out of a backup and neither showed itself nor was said to be installed since:
    /// what it asked for after the backup was taken is not known (REL-29).
    pub restored: bool,
}

impl Portal {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let name: String = row.try_get("member_id")?;
        let columns = Columns::new(row, "portal", name);
        Ok(Self {
            member_id: columns.member_id("member_id")?,
            address: columns.text("address")?,
            base: columns.maybe_text("base")?,
            origin: columns.text("origin")?,
            authority: columns.text("authority")?,
            state: PortalState::from_code(&columns.text("state")?)
                .ok_or_else(|| columns.corrupt("state"))?,
            state_since: columns.moment("state_since")?,
            reason: columns.text("reason")?,
            reason_since: columns.moment("reason_since")?,
            probes: columns.count("probes")?,
            next_probe_at: columns.maybe_moment("next_probe_at")?,
            first_seen_at: columns.moment("first_seen_at")?,
            last_contact_at: columns.moment("last_contact_at")?,
            install_began_at: columns.maybe_moment("install_began_at")?,
            installed_at: columns.maybe_moment("installed_at")?,
            installs: columns.count("installs")?,
            uninstalled_at: columns.maybe_moment("uninstalled_at")?,
            version: columns.maybe_int("version")?,
            plan: columns.maybe_text("plan")?,
            scopes: scopes_from(&columns.text("scopes")?),
            has_application_token: columns.maybe_bytes("sealed_application_token")?.is_some(),
            needs_reading_since: columns.maybe_moment("needs_reading_since")?,
            hinted_at: columns.maybe_moment("hinted_at")?,
            restored: columns.maybe_int("restored_at")?.is_some(),
        })
    }
}

pub(crate) fn scopes_from(text: &str) -> Vec<String> {
    text.split(',')
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}

/// # What is known of a portal
impl Store {
    /// What is known of a portal.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.find", skip_all, fields(portal.member_id = %member_id))]
    pub async fn portal(&self, member_id: &MemberId) -> Result<Option<Portal>, StoreError> {
        let row = sqlx::query(
            self.dialect
                .sql("select {portal} from portal where member_id = $1"),
        )
        .bind(member_id.as_str())
        .fetch_optional(&self.reads)
        .await?;
        row.as_ref().map(Portal::from_row).transpose()
    }

    /// How many portals have the application.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.count", skip_all)]
    pub async fn portals_count(&self) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("select count(*) from portal where uninstalled_at is null")
                .fetch_one(&self.reads)
                .await?;
        Ok(count.unsigned_abs())
    }
}
