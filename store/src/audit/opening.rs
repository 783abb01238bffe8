//! Deeds of the releases before come into trails: at the first start with this one, and when an
//! operator says so.

use serde_json::json;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::trail::{Deed, Ends, Trail, TrailKey};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError};

/// The name of the key.
const KEY: &str = "audit";

/// # Deeds of earlier releases
impl Store {
    /// Loads the key. The first process ever makes it, and takes in what is there. A key that is
    /// made when there are trails already opens none of them: those stay as they are, and show.
    pub(crate) async fn open_trails(&self) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        let (key, made) = self.own_key(&mut work, KEY).await?;
        // Another store of this process has the same key.
        let _already = self.trail_key.set(TrailKey(key));
        if made {
            let trails: i64 = sqlx::query_scalar("select count(*) from audit_trail")
                .fetch_one(&mut *work)
                .await?;
            if trails == 0 {
                let deeds = self.lay_trails(&mut work).await?;
                tracing::info!(deeds, "the audit log is a chain from now on");
            } else {
                tracing::error!("the key of the audit log is lost: see `crmap verify`");
            }
        }
        work.commit().await?;
        Ok(())
    }

    /// Takes all deeds for granted as they are now, whatever was wrong with them, and writes down
    /// that it did. Says how many there are. For an operator who knows why: an older release that
    /// went on working during an upgrade wrote deeds that are in no trail.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.audit.accept", skip_all)]
    pub async fn accept_deeds(
        &self,
        findings: usize,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut work = self.begin().await?;
        let deeds = self.lay_trails(&mut work).await?;
        let accepted = Deed {
            id: self.vault.new_id(),
            at: to_ms(now),
            member_id: None,
            account_id: None,
            actor: "operator".to_owned(),
            action: "audit.accepted".to_owned(),
            detail: json!({"deeds": deeds, "findings": findings}).to_string(),
        };
        self.add_deed(&mut work, &accepted).await?;
        work.commit().await?;
        Ok(deeds)
    }

    async fn lay_trails(&self, work: &mut Transaction<'static, Any>) -> Result<u64, StoreError> {
        // In the order that all keep: portals, then accounts.
        let sql = "select member_id from portal order by member_id {for_change}";
        let portals: Vec<String> = sqlx::query_scalar(self.dialect.sql(sql))
            .fetch_all(&mut **work)
            .await?;
        let sql = "select id from account order by id {for_change}";
        let accounts: Vec<String> = sqlx::query_scalar(self.dialect.sql(sql))
            .fetch_all(&mut **work)
            .await?;
        for statement in ["delete from audit_gap", "delete from audit_trail"] {
            sqlx::query(statement).execute(&mut **work).await?;
        }
        let owners = portals.into_iter().map(Trail::Portal);
        let owners = owners.chain(accounts.into_iter().map(Trail::Account));
        let mut deeds = 0;
        for trail in owners.chain([Trail::Operator]) {
            deeds += self.lay_trail(work, &trail).await?;
        }
        Ok(deeds)
    }

    async fn lay_trail(
        &self,
        work: &mut Transaction<'static, Any>,
        trail: &Trail,
    ) -> Result<u64, StoreError> {
        let (sql, owner) = match trail {
            Trail::Account(id) => (
                "select {deed} from audit where account_id = $1 order by at, id",
                id.as_str(),
            ),
            Trail::Portal(member_id) => (
                "select {deed} from audit where member_id = $1 and account_id is null \
                 order by at, id",
                member_id.as_str(),
            ),
            Trail::Operator => (
                "select {deed} from audit where member_id is null and account_id is null \
                 and $1 = '' order by at, id",
                "",
            ),
        };
        let rows = sqlx::query(Self::deeds_sql(sql))
            .bind(owner)
            .fetch_all(&mut **work)
            .await?;
        let mut ends = Ends::new(false);
        for row in &rows {
            let deed = Deed::from_columns(&Columns::new(row, "audit", trail.name()))?;
            ends.last_place += 1;
            ends.last_mac = self
                .trail_key()?
                .of_deed(ends.last_place, &ends.last_mac, &deed)?;
            sqlx::query("update audit set trail = $2, place = $3, mac = $4 where id = $1")
                .bind(deed.id.as_str())
                .bind(trail.name())
                .bind(ends.last_place)
                .bind(ends.last_mac.as_slice())
                .execute(&mut **work)
                .await?;
        }
        self.put_ends(work, &trail.name(), &ends, true).await?;
        Ok(rows.len() as u64)
    }
}
