//! What is done to trails: they begin, grow, lose their oldest deeds, and lose those that name a
//! portal which is forgotten. Whoever calls has locked the owner's row.

use crmap_domain::MemberId;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use super::trail::{Deed, Ends, Trail, TrailKey};
use crate::{Store, StoreError};

impl Store {
    /// A trail for an owner who is new; nothing of one who had the same name before is left.
    pub(crate) async fn begin_trail(
        &self,
        work: &mut Transaction<'static, Any>,
        trail: &Trail,
    ) -> Result<(), StoreError> {
        self.end_trail(work, trail).await?;
        self.put_ends(work, &trail.name(), &Ends::new(false), true)
            .await
    }

    /// Forgets a trail, with the owner; its deeds are whoever's who forgets the owner.
    pub(crate) async fn end_trail(
        &self,
        work: &mut Transaction<'static, Any>,
        trail: &Trail,
    ) -> Result<(), StoreError> {
        for statement in [
            "delete from audit_gap where trail = $1",
            "delete from audit_trail where trail = $1",
        ] {
            sqlx::query(statement)
                .bind(trail.name())
                .execute(&mut **work)
                .await?;
        }
        Ok(())
    }

    /// Adds a deed to the end of its trail. Where the trail was tampered with, it stays known for
    /// that.
    pub(crate) async fn add_deed(
        &self,
        work: &mut Transaction<'static, Any>,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        let trail = deed.trail().name();
        let (mut ends, sound) = match self.ends_of(work, &trail).await? {
            Some(found) => found,
            None => (Ends::new(true), true),
        };
        let place = ends.last_place + 1;
        let mac = self.trail_key()?.of_deed(place, &ends.last_mac, deed)?;
        sqlx::query(
            "insert into audit (id, at, member_id, account_id, actor, action, detail, trail, \
             place, mac) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(deed.id.as_str())
        .bind(deed.at)
        .bind(deed.member_id.as_deref())
        .bind(deed.account_id.as_deref())
        .bind(deed.actor.as_str())
        .bind(deed.action.as_str())
        .bind(deed.detail.as_str())
        .bind(trail.as_str())
        .bind(place)
        .bind(mac.as_slice())
        .execute(&mut **work)
        .await?;
        ends.last_place = place;
        ends.last_mac = mac;
        self.put_ends(work, &trail, &ends, sound).await
    }

    /// Removes all but the newest `kept` deeds of a trail.
    pub(crate) async fn trim_trail(
        &self,
        work: &mut Transaction<'static, Any>,
        trail: &Trail,
        kept: i64,
    ) -> Result<(), StoreError> {
        let trail = trail.name();
        let oldest: Option<i64> = sqlx::query_scalar(
            "select place from audit where trail = $1 order by place desc limit 1 offset $2",
        )
        .bind(trail.as_str())
        .bind(kept - 1)
        .fetch_optional(&mut **work)
        .await?;
        let (Some(oldest), Some((mut ends, sound))) = (oldest, self.ends_of(work, &trail).await?)
        else {
            return Ok(());
        };
        if oldest <= ends.first_place {
            return Ok(());
        }
        let before: Option<Vec<u8>> = sqlx::query_scalar(
            "select mac from audit where trail = $1 and place = $2 \
             union all select gone_mac from audit_gap where trail = $1 and place = $2",
        )
        .bind(trail.as_str())
        .bind(oldest - 1)
        .fetch_optional(&mut **work)
        .await?;
        for statement in [
            "delete from audit where trail = $1 and place < $2",
            "delete from audit_gap where trail = $1 and place < $2",
        ] {
            sqlx::query(statement)
                .bind(trail.as_str())
                .bind(oldest)
                .execute(&mut **work)
                .await?;
        }
        ends.first_place = oldest;
        ends.before_mac = before.unwrap_or_default();
        self.put_ends(work, &trail, &ends, sound).await
    }

    /// Erases all deeds that name a portal, its own trail and those in trails of accounts, where
    /// their places stay known without telling anything (SEC-19).
    pub(crate) async fn erase_deeds_of(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
    ) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "select trail, place, mac from audit \
             where member_id = $1 and account_id is not null \
             and trail is not null and place is not null and mac is not null",
        )
        .bind(member_id.as_str())
        .fetch_all(&mut **work)
        .await?;
        for row in rows {
            let (trail, place): (String, i64) = (row.try_get("trail")?, row.try_get("place")?);
            let gone: Vec<u8> = row.try_get("mac")?;
            sqlx::query(
                "insert into audit_gap (trail, place, gone_mac, mac) values ($1, $2, $3, $4) \
                 on conflict (trail, place) do nothing",
            )
            .bind(trail.as_str())
            .bind(place)
            .bind(gone.as_slice())
            .bind(self.trail_key()?.of_gap(&trail, place, &gone)?)
            .execute(&mut **work)
            .await?;
        }
        sqlx::query("delete from audit where member_id = $1")
            .bind(member_id.as_str())
            .execute(&mut **work)
            .await?;
        self.end_trail(work, &Trail::of_portal(member_id)).await
    }

    /// The ends of a trail, and whether nobody but CRMAP has written them.
    pub(super) async fn ends_of(
        &self,
        work: &mut Transaction<'static, Any>,
        trail: &str,
    ) -> Result<Option<(Ends, bool)>, StoreError> {
        let sql = "select first_place, before_mac, last_place, last_mac, late, mac \
                   from audit_trail where trail = $1 {for_update}";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(trail)
            .fetch_optional(&mut **work)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let ends = Ends::from_row(&row, trail)?;
        let mac: Vec<u8> = row.try_get("mac")?;
        let sound = mac == self.trail_key()?.of_ends(trail, &ends)?;
        Ok(Some((ends, sound)))
    }

    /// Where the ends were not `sound` before, they are not made so.
    pub(super) async fn put_ends(
        &self,
        work: &mut Transaction<'static, Any>,
        trail: &str,
        ends: &Ends,
        sound: bool,
    ) -> Result<(), StoreError> {
        let mac = if sound {
            self.trail_key()?.of_ends(trail, ends)?
        } else {
            tracing::error!("the audit log was tampered with: see `crmap verify`");
            Vec::new()
        };
        sqlx::query(
            "insert into audit_trail (trail, first_place, before_mac, last_place, last_mac, late, \
             mac) values ($1, $2, $3, $4, $5, $6, $7) \
             on conflict (trail) do update set first_place = excluded.first_place, \
             before_mac = excluded.before_mac, last_place = excluded.last_place, \
             last_mac = excluded.last_mac, late = excluded.late, mac = excluded.mac",
        )
        .bind(trail)
        .bind(ends.first_place)
        .bind(ends.before_mac.as_slice())
        .bind(ends.last_place)
        .bind(ends.last_mac.as_slice())
        .bind(i64::from(ends.late))
        .bind(mac)
        .execute(&mut **work)
        .await?;
        Ok(())
    }

    pub(super) fn trail_key(&self) -> Result<&TrailKey, StoreError> {
        self.trail_key
            .get()
            .ok_or_else(|| StoreError::Internal("the audit log is not open".into()))
    }

    /// A text of ours about deeds, with their columns in place of `{deed}`.
    pub(super) fn deeds_sql(text: &'static str) -> AssertSqlSafe<String> {
        AssertSqlSafe(text.replace("{deed}", Deed::COLUMNS))
    }
}
