//! The tokens of a portal's users: one chain of them per user, each step of which replaces the one
//! before.

mod doubt;
mod holders;
mod opening;
mod refresh;
mod release;
mod restored;
mod settle;
mod standing;

use crmap_domain::MemberId;
use secrecy::SecretString;
use sqlx::Row;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

pub use holders::Holder;
pub use opening::OpeningTokens;
pub use refresh::{Lease, Leased, RefreshTurn};
pub use release::{Outcome, Released};
pub use settle::{FreshPair, Settled};

use crate::columns::Columns;
use crate::vault::{Place, Vault};
use crate::{Store, StoreError};

/// The columns that are sealed.
pub(crate) const ACCESS: &str = "sealed_access";
pub(crate) const REFRESH: &str = "sealed_refresh";
pub(crate) const CANDIDATE: &str = "sealed_candidate";

/// What can be done with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainStatus {
    /// It can be used and refreshed.
    Active,
    /// A refresh was sent and no sensible answer came: the token may be used up or not.
    Ambiguous,
    /// No token is left that the authority would take; the user must open the application.
    ReauthRequired,
    /// The user may not use the application any more.
    Revoked,
}

impl ChainStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Active,
        Self::Ambiguous,
        Self::ReauthRequired,
        Self::Revoked,
    ];

    /// Its lasting name: `reauth_required`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ambiguous => "ambiguous",
            Self::ReauthRequired => "reauth_required",
            Self::Revoked => "revoked",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// One user's chain of tokens. The refresh tokens stay in the store until a lease hands one out.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The portal.
    pub member_id: MemberId,
    /// The user.
    pub user_id: i64,
    /// Whether the user administers the portal, as far as is known.
    pub administrator: bool,
    /// What can be done with it.
    pub status: ChainStatus,
    /// How many times it was refreshed; whoever asks for a lease says what was seen here.
    pub generation: i64,
    /// The access token.
    pub access: Option<SecretString>,
    /// When the access token runs out.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether there is a refresh token that a refresh gave.
    pub has_refresh: bool,
    /// Whether there is a refresh token of an opening, which nothing proves yet (SEC-06).
    pub has_candidate: bool,
    /// Until when it is being refreshed, or not to be refreshed, by the database's clock.
    pub lease_until: Option<OffsetDateTime>,
    /// Since when it is not known whether its refresh token is used up.
    pub ambiguous_since: Option<OffsetDateTime>,
    /// When an opening last brought tokens or a refresh last gave some.
    pub last_used_at: OffsetDateTime,
    /// Whether it came out of a backup and was not proved since: its refresh token may have been used
    /// up after that, so the authority is asked before anything is done by it (REL-29).
    pub restored: bool,
}

/// What names a chain for good: a chain that was deleted and began anew is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChainName {
    pub(crate) id: String,
    pub(crate) member_id: MemberId,
    pub(crate) user_id: i64,
}

impl ChainName {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let id: String = row.try_get("id")?;
        let columns = Columns::new(row, "credential", id.as_str());
        Ok(Self {
            member_id: columns.member_id("member_id")?,
            user_id: columns.int("user_id")?,
            id,
        })
    }

    /// `generation` is that of the pair; a candidate goes by the moment at which it came.
    pub(crate) fn place(&self, column: &'static str, generation: i64) -> Place<'_> {
        Place {
            table: "credential",
            row: &self.id,
            member_id: self.member_id.as_str(),
            user_id: self.user_id,
            column,
            generation,
        }
    }

    pub(crate) fn shown(&self) -> String {
        format!("{}/{}", self.member_id, self.user_id)
    }
}

impl Chain {
    pub(crate) fn from_row(row: &AnyRow, vault: &Vault) -> Result<Self, StoreError> {
        let name = ChainName::from_row(row)?;
        let columns = Columns::new(row, "credential", name.shown());
        let generation = columns.int("generation")?;
        Ok(Self {
            administrator: columns.flag("administrator")?,
            status: ChainStatus::from_code(&columns.text("status")?)
                .ok_or_else(|| columns.corrupt("status"))?,
            generation,
            access: vault.open_column(&columns, &name.place(ACCESS, generation))?,
            expires_at: columns.maybe_moment("expires_at")?,
            has_refresh: columns.maybe_bytes(REFRESH)?.is_some(),
            has_candidate: columns.maybe_bytes(CANDIDATE)?.is_some(),
            lease_until: columns.maybe_moment("lease_until")?,
            ambiguous_since: columns.maybe_moment("ambiguous_since")?,
            last_used_at: columns.moment("last_used_at")?,
            restored: columns.maybe_int("restored_at")?.is_some(),
            member_id: name.member_id,
            user_id: name.user_id,
        })
    }
}

/// # Chains of tokens
impl Store {
    /// The chains of a portal: administrators first, then who came last.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where a token does not open.
    #[instrument(name = "db.credential.list", skip_all, fields(portal.member_id = %member_id))]
    pub async fn chains(&self, member_id: &MemberId) -> Result<Vec<Chain>, StoreError> {
        let sql = "select {chain} from credential where member_id = $1 \
                   order by administrator desc, last_used_at desc, user_id";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_all(&self.reads)
            .await?;
        rows.iter()
            .map(|row| Chain::from_row(row, &self.vault))
            .collect()
    }

    /// One user's chain.
    ///
    /// # Errors
    /// As [`chains`](Self::chains).
    #[instrument(name = "db.credential.find", skip_all, fields(portal.member_id = %member_id, user.id = user_id))]
    pub async fn chain(
        &self,
        member_id: &MemberId,
        user_id: i64,
    ) -> Result<Option<Chain>, StoreError> {
        let sql = "select {chain} from credential where member_id = $1 and user_id = $2";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .bind(user_id)
            .fetch_optional(&self.reads)
            .await?;
        row.as_ref()
            .map(|row| Chain::from_row(row, &self.vault))
            .transpose()
    }
}
