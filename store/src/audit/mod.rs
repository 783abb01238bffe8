//! Who did what, for the owners of portals and for whoever runs CRMAP. Holds no secrets and no
//! names of people. What changes, removes or inserts a deed behind CRMAP's back is found (SEC-71).

mod checking;
mod opening;
mod trail;
mod writing;

use crmap_domain::MemberId;
use serde_json::Value;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

pub(crate) use checking::RULES;
pub(crate) use trail::{Deed, Trail, TrailKey};

use crate::columns::Columns;
use crate::moment::to_ms;
use crate::words::bounded;
use crate::{Store, StoreError};

const MAX_NAME: usize = 256;

/// One deed.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// When.
    pub at: OffsetDateTime,
    /// The portal that it concerns, if one.
    pub member_id: Option<MemberId>,
    /// Who: `user:17`, `portal`, `crmap`.
    pub actor: String,
    /// What: `portal.uninstalled`.
    pub action: String,
    /// Particulars.
    pub detail: Value,
}

impl AuditRow {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let columns = Columns::new(row, "audit", "a deed");
        let member_id = match columns.maybe_text("member_id")? {
            Some(_) => Some(columns.member_id("member_id")?),
            None => None,
        };
        Ok(Self {
            at: columns.moment("at")?,
            member_id,
            actor: columns.text("actor")?,
            action: columns.text("action")?,
            detail: serde_json::from_str(&columns.text("detail")?)
                .map_err(|_error| columns.corrupt("detail"))?,
        })
    }
}

/// # The audit of portals
impl Store {
    /// Adds a deed; not one that concerns a portal of which nothing is kept any more (SEC-19).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.audit.write", skip_all)]
    pub async fn audit(&self, row: &AuditRow) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        if let Some(member_id) = &row.member_id {
            let sql = "select 1 from portal where member_id = $1 {for_change}";
            let found = sqlx::query(self.dialect.sql(sql))
                .bind(member_id.as_str())
                .fetch_optional(&mut *work)
                .await?;
            if found.is_none() {
                return Ok(());
            }
        }
        let deed = Deed {
            id: self.vault.new_id(),
            at: to_ms(row.at),
            member_id: row.member_id.as_ref().map(|id| id.as_str().to_owned()),
            account_id: None,
            actor: bounded(&row.actor, MAX_NAME),
            action: bounded(&row.action, MAX_NAME),
            detail: row.detail.to_string(),
        };
        self.add_deed(&mut work, &deed).await?;
        work.commit().await?;
        Ok(())
    }

    /// The last deeds that concern a portal, the newest first.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.audit.read", skip_all, fields(portal.member_id = %member_id))]
    pub async fn audit_of(
        &self,
        member_id: &MemberId,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(
            "select at, member_id, actor, action, detail from audit where member_id = $1 \
             order by at desc, id desc limit $2",
        )
        .bind(member_id.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(AuditRow::from_row).collect()
    }
}
