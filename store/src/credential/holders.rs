//! Whose rights there are to read a portal, without the rights themselves.

use crmap_domain::MemberId;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

use super::ChainStatus;
use crate::columns::Columns;
use crate::{Store, StoreError, Tenant};

/// Somebody whose tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user.
    pub user_id: i64,
    /// Whether the user administers the portal, as far as is known.
    pub administrator: bool,
    /// What can be done with the tokens.
    pub status: ChainStatus,
    /// When an opening last brought tokens or a refresh last gave some.
    pub last_used_at: OffsetDateTime,
}

/// # Whose rights there are
impl Store {
    /// Whose tokens are kept of a portal, in the order in which they are tried, for a cabinet that
    /// it is linked to. Nobody's where it is not. No token is opened for it.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.holders", skip_all, fields(portal.member_id = %member_id))]
    pub async fn holders(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Vec<Holder>, StoreError> {
        let rows = sqlx::query(
            "select user_id, administrator, status, last_used_at from credential \
             where member_id = (select member_id from link \
               where account_id = $1 and member_id = $2 and void_since is null) \
             order by administrator desc, last_used_at desc, user_id",
        )
        .bind(tenant.id())
        .bind(member_id.as_str())
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| Holder::from_row(row, member_id))
            .collect()
    }
}

impl Holder {
    fn from_row(row: &AnyRow, member_id: &MemberId) -> Result<Self, StoreError> {
        let columns = Columns::new(row, "credential", member_id.as_str());
        Ok(Self {
            user_id: columns.int("user_id")?,
            administrator: columns.flag("administrator")?,
            status: ChainStatus::from_code(&columns.text("status")?)
                .ok_or_else(|| columns.corrupt("status"))?,
            last_used_at: columns.moment("last_used_at")?,
        })
    }
}
