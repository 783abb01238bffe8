//! What was done to or with an account, for its owner (SEC-71).

use crmap_domain::MemberId;
use crmap_domain::cabinet::{Deed, DeedKind};
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError, Tenant, audit};

/// How many news are shown at the most.
const MOST_NEWS: i64 = 100;

/// Whose deed it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// Whoever does what is of this kind.
    ByKind,
    /// The operator, at the command line.
    Operator,
}

/// # Deeds and news of an account
impl Store {
    /// Adds a deed; not to an account that is not there any more.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.deed.write", skip_all)]
    pub async fn note_deed(
        &self,
        tenant: &Tenant,
        kind: &DeedKind,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        self.note_deed_in(&mut work, tenant.id(), kind, now).await?;
        work.commit().await?;
        Ok(())
    }

    /// Adds a deed together with what was done. A deed that names a portal goes with all else when
    /// the portal is forgotten, and is not written after that (SEC-19).
    pub(crate) async fn note_deed_in(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        kind: &DeedKind,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.note_deed_as(work, account_id, kind, Author::ByKind, now)
            .await
    }

    /// As [`note_deed_in`](Self::note_deed_in), with whose deed it is.
    pub(super) async fn note_deed_as(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        kind: &DeedKind,
        author: Author,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let portal = portal_of(kind);
        if let Some(member_id) = portal
            && !self.keep_known_portal(work, member_id).await?
        {
            return Ok(());
        }
        if !self.keep_account_for_deed(work, account_id).await? {
            return Ok(());
        }
        let detail =
            serde_json::to_value(kind).map_err(|error| StoreError::Internal(error.into()))?;
        let deed = audit::Deed {
            id: self.vault.new_id(),
            at: to_ms(now),
            member_id: portal.map(|member_id| member_id.as_str().to_owned()),
            account_id: Some(account_id.to_owned()),
            actor: match author {
                Author::ByKind => actor_of(kind),
                Author::Operator => "operator".to_owned(),
            },
            action: format!("account.{}", code_of(&detail)),
            detail: detail.to_string(),
        };
        self.add_deed(work, &deed).await
    }

    /// Keeps a portal from being forgotten until the transaction ends. Says whether it is there.
    pub(crate) async fn keep_known_portal(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from portal where member_id = $1 {for_share}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }

    /// The last deeds of an account, the newest first.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.deed.list", skip_all)]
    pub async fn deeds(&self, tenant: &Tenant, limit: u32) -> Result<Vec<Deed>, StoreError> {
        let rows = sqlx::query(
            "select at, detail from audit where account_id = $1 \
             order by at desc, id desc limit $2",
        )
        .bind(tenant.id())
        .bind(i64::from(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(deed).collect()
    }

    /// What others did to an account since its owner last saw the news, the newest first, a hundred
    /// at the most. Seconds are compared, not parts of them: pages know moments to the second.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.deed.news", skip_all)]
    pub async fn news(&self, tenant: &Tenant) -> Result<Vec<Deed>, StoreError> {
        let rows = sqlx::query(
            "select audit.at, audit.detail from audit \
             join account on account.id = audit.account_id \
             where audit.account_id = $1 and audit.at > account.news_seen_at \
             and audit.action in ('account.linked', 'account.unlinked', 'account.portal_erased') \
             order by audit.at desc, audit.id desc limit $2",
        )
        .bind(tenant.id())
        .bind(MOST_NEWS)
        .fetch_all(&self.reads)
        .await?;
        let mut deeds = rows.iter().map(deed).collect::<Result<Vec<_>, _>>()?;
        deeds.retain(|deed| deed.kind.is_news());
        Ok(deeds)
    }

    /// Notes that the owner has seen the news up to a moment; an earlier one changes nothing.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.deed.news_seen", skip_all)]
    pub async fn news_seen(
        &self,
        tenant: &Tenant,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query("update account set news_seen_at = $2 where id = $1 and news_seen_at < $2")
            .bind(tenant.id())
            .bind(to_ms(until))
            .execute(&self.writes)
            .await?;
        Ok(())
    }
}

fn deed(row: &AnyRow) -> Result<Deed, StoreError> {
    let columns = Columns::new(row, "audit", "a deed");
    Ok(Deed {
        at: columns.moment("at")?,
        kind: serde_json::from_str(&columns.text("detail")?)
            .map_err(|_error| columns.corrupt("detail"))?,
    })
}

const fn portal_of(kind: &DeedKind) -> Option<&MemberId> {
    match kind {
        DeedKind::Linked { member_id, .. } | DeedKind::Unlinked { member_id, .. } => {
            Some(member_id)
        }
        _ => None,
    }
}

fn actor_of(kind: &DeedKind) -> String {
    match kind {
        DeedKind::Linked { user_id, .. }
        | DeedKind::Unlinked {
            user_id: Some(user_id),
            ..
        } => format!("portal_user:{user_id}"),
        DeedKind::PortalErased => "portal".to_owned(),
        _ => "account".to_owned(),
    }
}

/// The lasting name of a deed's kind, out of its form in JSON: a name alone, or one with
/// particulars.
fn code_of(detail: &Value) -> &str {
    match detail {
        Value::String(code) => code,
        Value::Object(fields) => fields.keys().next().map_or("", String::as_str),
        _ => "",
    }
}
