//! The last reading of a linked portal, for all cabinets that it is linked to. Nothing is kept of a
//! portal that nobody is linked to, nor of people of one that removed the application.

mod form;

use std::sync::Arc;

use crmap_domain::{MemberId, Specification};
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::blocking::blocking;
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError, Tenant};

/// A stored reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When it was taken.
    pub taken_at: OffsetDateTime,
    /// What was read. Where the portal removed the application since, its people are left out.
    pub specification: Specification,
}

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It is the snapshot now.
    Kept,
    /// A later reading is.
    Outdated,
    /// An administrator's reading is, who sees more than whoever read now.
    Lesser,
    /// The portal is linked to no cabinet, or the installation that was read is not there any more.
    Void,
    /// It is larger than anything that is kept.
    TooLarge,
}

impl Store {
    /// Keeps the reading of a portal in place of the last one, where it is linked to a cabinet.
    /// `installs` names the installation that was there before the reading began: what is read late
    /// must not bring back what a farewell has deleted. What an administrator read is replaced by
    /// what an administrator reads alone.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.snapshot.put", skip_all, fields(portal.member_id = %member_id))]
    pub async fn put_snapshot(
        &self,
        member_id: &MemberId,
        installs: u32,
        specification: &Arc<Specification>,
        taken_at: OffsetDateTime,
    ) -> Result<Keeping, StoreError> {
        let read = Arc::clone(specification);
        let by_administrator = read.reading.viewer.administrator;
        let Some(packed) = blocking(move || Ok(form::pack(&read))).await? else {
            return Ok(Keeping::TooLarge);
        };
        let mut work = self.begin().await?;
        if !self.keep_linked(&mut work, member_id, installs).await? {
            return Ok(Keeping::Void);
        }
        let done = sqlx::query(
            "insert into snapshot (member_id, taken_at, totals, content, people, \
             by_administrator) values ($1, $2, $3, $4, $5, $6) on conflict (member_id) do update set \
             taken_at = excluded.taken_at, totals = excluded.totals, \
             content = excluded.content, people = excluded.people, \
             by_administrator = excluded.by_administrator \
             where snapshot.taken_at <= excluded.taken_at \
             and snapshot.by_administrator <= excluded.by_administrator",
        )
        .bind(member_id.as_str())
        .bind(to_ms(taken_at))
        .bind(packed.totals)
        .bind(packed.content)
        .bind(packed.people)
        .bind(i64::from(by_administrator))
        .execute(&mut *work)
        .await?;
        if done.rows_affected() == 0 {
            let sql = "select by_administrator from snapshot where member_id = $1";
            let stored: Option<i64> = sqlx::query_scalar(sql)
                .bind(member_id.as_str())
                .fetch_optional(&mut *work)
                .await?;
            let is_lesser = stored > Some(i64::from(by_administrator));
            return Ok(if is_lesser {
                Keeping::Lesser
            } else {
                Keeping::Outdated
            });
        }
        work.commit().await?;
        Ok(Keeping::Kept)
    }

    /// Keeps a portal as it is until the transaction ends, and the accounts that it is linked to;
    /// says whether it is that installation and linked. Links are looked at only after the portal is
    /// kept: who ends one keeps it too. An account that is being deleted has its links no longer.
    async fn keep_linked(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
        installs: u32,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from portal where member_id = $1 and installs = $2 \
                   and uninstalled_at is null and installed_at is not null {for_update}";
        let there = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .bind(i64::from(installs))
            .fetch_optional(&mut **work)
            .await?;
        if there.is_none() {
            return Ok(false);
        }
        let sql = "select 1 from account where id in \
                   (select account_id from link where member_id = $1 and void_since is null) order by id {for_share}";
        let linked = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_all(&mut **work)
            .await?;
        Ok(!linked.is_empty())
    }

    /// The last reading of a portal, for a cabinet that it is linked to. Nothing where it is not,
    /// or not any more, or was not read yet.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it cannot be understood.
    #[instrument(name = "db.snapshot.find", skip_all, fields(portal.member_id = %member_id))]
    pub async fn snapshot(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<Snapshot>, StoreError> {
        let row = sqlx::query(
            "select snapshot.taken_at, snapshot.content, snapshot.people from snapshot \
             join link on link.member_id = snapshot.member_id \
             where link.account_id = $1 and snapshot.member_id = $2 \
             and link.void_since is null",
        )
        .bind(tenant.id())
        .bind(member_id.as_str())
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let columns = Columns::new(&row, "snapshot", member_id.as_str());
        Ok(Some(Snapshot {
            taken_at: columns.moment("taken_at")?,
            specification: unpacked(&columns, member_id.as_str()).await?,
        }))
    }

    /// Whether the snapshot of a portal can be understood, whoever may see it.
    pub(crate) async fn check_snapshot(&self, name: &str) -> Result<(), StoreError> {
        let row = sqlx::query("select totals, content, people from snapshot where member_id = $1")
            .bind(name)
            .fetch_optional(&self.reads)
            .await?;
        let Some(row) = row else {
            return Ok(());
        };
        let columns = Columns::new(&row, "snapshot", name);
        let specification = unpacked(&columns, name).await?;
        if form::totals_fit(&columns.text("totals")?, &specification) {
            Ok(())
        } else {
            Err(columns.corrupt("totals"))
        }
    }
}

async fn unpacked(columns: &Columns<'_>, name: &str) -> Result<Specification, StoreError> {
    let (content, people) = (columns.bytes("content")?, columns.maybe_bytes("people")?);
    let name = name.to_owned();
    blocking(move || {
        form::unpack(&content, people.as_deref())
            .map_err(|column| StoreError::corrupt("snapshot", name, column))
    })
    .await
}
