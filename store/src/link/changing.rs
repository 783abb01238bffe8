//! Linking a portal to a cabinet, and what the cabinet's owner writes on it.

use crmap_domain::MemberId;
use crmap_domain::cabinet::{DeedKind, Description, Level, Mark};
use secrecy::SecretString;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::moment::to_ms;
use crate::words::bounded;
use crate::{CabinetId, Store, StoreError, Tenant};

/// Four bytes for each of the letters that a description may have.
const MAX_LABEL: usize = 4 * Description::LABEL;
const MAX_NOTE: usize = 4 * Description::NOTE;

/// What a link allows that is not void.
const LEVEL: &str = "select level from link where account_id = $1 and member_id = $2 \
                     and void_since is null";

/// What an administrator of a portal gives to a cabinet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The portal.
    pub member_id: MemberId,
    /// The portal's installation in which the administrator was proved, by
    /// [`Portal::installs`](crate::Portal::installs).
    pub installs: u32,
    /// What the link is to allow.
    pub level: Level,
    /// The number of the administrator in the portal.
    pub user_id: i64,
    /// When.
    pub now: OffsetDateTime,
    /// When the portal is due to be read for its new cabinet: so long whoever links it has the time
    /// to read it first. One that is due earlier for other cabinets stays so.
    pub first_reading_at: OffsetDateTime,
}

/// What became of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    /// The portal is linked now, also where a link of an earlier installation was void.
    Made,
    /// It was linked, and the link allows something else now.
    Changed,
    /// It was linked just so.
    Same,
    /// That installation of the portal is not there any more.
    NoPortal,
    /// The cabinet is not there any more, or its token was replaced since.
    NoCabinet,
}

/// # Linking, and what the owner writes on a portal
impl Store {
    /// Links a portal to a cabinet. One that is linked already stays linked as it is: only what the
    /// link allows may change (SEC-23). A link that is void since the portal left is made again, with
    /// what the owner wrote on it. Where anything changes, the account is told by a deed, and by
    /// `letter` where there is one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.make", skip_all, fields(portal.member_id = %grant.member_id))]
    pub async fn link(
        &self,
        cabinet: &CabinetId,
        grant: &Grant,
        letter: Option<&SecretString>,
    ) -> Result<Linking, StoreError> {
        let account_id = cabinet.as_str();
        let mut work = self.begin().await?;
        let Some(address) = self.keep_installation(&mut work, grant).await? else {
            return Ok(Linking::NoPortal);
        };
        if !self.keep_cabinet_for_deed(&mut work, cabinet).await? {
            return Ok(Linking::NoCabinet);
        }
        let linking = match level_of(&mut work, account_id, &grant.member_id).await? {
            None => Linking::Made,
            Some(level) if level == grant.level.code() => return Ok(Linking::Same),
            Some(_) => Linking::Changed,
        };
        self.put_link(&mut work, account_id, grant).await?;
        if linking == Linking::Made {
            Self::schedule_first(&mut work, account_id, grant).await?;
        }
        let deed = DeedKind::Linked {
            member_id: grant.member_id.clone(),
            address,
            user_id: grant.user_id,
            level: grant.level,
        };
        self.tell(&mut work, account_id, &deed, letter, grant.now)
            .await?;
        work.commit().await?;
        Ok(linking)
    }

    /// What a portal's link to a cabinet allows; nothing where there is none or it is void.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.level", skip_all, fields(portal.member_id = %member_id))]
    pub async fn level_of_link(
        &self,
        cabinet: &CabinetId,
        member_id: &MemberId,
    ) -> Result<Option<Level>, StoreError> {
        let code: Option<String> = sqlx::query_scalar(LEVEL)
            .bind(cabinet.as_str())
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        code.map(|code| {
            Level::from_code(&code)
                .ok_or_else(|| StoreError::corrupt("link", member_id.as_str(), "level"))
        })
        .transpose()
    }

    /// Tells an account of what is done to a link of it.
    pub(super) async fn tell(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        deed: &DeedKind,
        letter: Option<&SecretString>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.note_deed_in(work, account_id, deed, now).await?;
        match letter {
            Some(letter) => self.post_mail_in(work, Some(account_id), letter, now).await,
            None => Ok(()),
        }
    }

    async fn put_link(
        &self,
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into link (account_id, member_id, id, level, linked_at, linked_by, seen_version) \
             values ($1, $2, $3, $4, $5, $6, \
               coalesce((select number from snapshot where member_id = $2), 0)) \
             on conflict (account_id, member_id) do update set level = excluded.level, \
             linked_at = case when link.void_since is null then link.linked_at \
               else excluded.linked_at end, \
             linked_by = case when link.void_since is null then link.linked_by \
               else excluded.linked_by end, \
             seen_version = case when link.void_since is null then link.seen_version \
               else excluded.seen_version end, \
             void_since = null",
        )
        .bind(account_id)
        .bind(grant.member_id.as_str())
        .bind(self.vault.new_id())
        .bind(grant.level.code())
        .bind(to_ms(grant.now))
        .bind(grant.user_id)
        .execute(&mut **work)
        .await?;
        Ok(())
    }

    /// Has a portal read for its new cabinet, with the link or not at all: a portal that is linked and
    /// has no time yet is due at once. A time of which no cabinet is left counts for none.
    async fn schedule_first(
        work: &mut Transaction<'static, Any>,
        account_id: &str,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update portal set next_reading_at = $3 where member_id = $1 \
             and (next_reading_at is null or next_reading_at > $3 \
               or not exists (select 1 from link where link.member_id = portal.member_id \
                 and link.account_id <> $2 and link.void_since is null))",
        )
        .bind(grant.member_id.as_str())
        .bind(account_id)
        .bind(to_ms(grant.first_reading_at))
        .execute(&mut **work)
        .await?;
        Ok(())
    }

    /// Keeps a portal as it is until the transaction ends; gives its address where it is the
    /// installation that was meant.
    async fn keep_installation(
        &self,
        work: &mut Transaction<'static, Any>,
        grant: &Grant,
    ) -> Result<Option<String>, StoreError> {
        let sql = "select address from portal where member_id = $1 and installs = $2 \
                   and uninstalled_at is null and installed_at is not null {for_update}";
        Ok(sqlx::query_scalar(self.dialect.sql(sql))
            .bind(grant.member_id.as_str())
            .bind(i64::from(grant.installs))
            .fetch_optional(&mut **work)
            .await?)
    }

    /// Keeps what the cabinet's owner writes on a linked portal, for that cabinet alone. Says
    /// whether the portal is linked to it.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.describe", skip_all, fields(portal.member_id = %member_id))]
    pub async fn describe(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        description: &Description,
    ) -> Result<bool, StoreError> {
        let tags = serde_json::Value::from(description.tags.clone()).to_string();
        let done = sqlx::query(
            "update link set label = $3, note = $4, mark = $5, tags = $6 \
             where account_id = $1 and member_id = $2",
        )
        .bind(tenant.id())
        .bind(member_id.as_str())
        .bind(bounded(&description.label, MAX_LABEL))
        .bind(bounded(&description.note, MAX_NOTE))
        .bind(description.mark.map(Mark::code))
        .bind(tags)
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

async fn level_of(
    work: &mut Transaction<'static, Any>,
    account_id: &str,
    member_id: &MemberId,
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar(LEVEL)
        .bind(account_id)
        .bind(member_id.as_str())
        .fetch_optional(&mut **work)
        .await?)
}
