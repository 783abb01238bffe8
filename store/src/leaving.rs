//! A portal removes the application: its tokens and what is known of its people go at once
//! (SEC-19), everything else of it too where it asked for that.

use crmap_domain::MemberId;
use crmap_domain::cabinet::DeedKind;
use sha2::{Digest, Sha256};
use sqlx::pool::PoolConnection;
use sqlx::{Any, Executor as _, Row, Transaction};
use time::OffsetDateTime;
use tracing::{Instrument as _, instrument};

use crate::columns::Columns;
use crate::dialect::{BUSY_TIMEOUT, Dialect};
use crate::moment::{span_ms, to_ms};
use crate::page_session::PageSession;
use crate::{Store, StoreError};

/// How a portal leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// Whether settings and data are to be deleted (`CLEAN=1`).
    pub clean: bool,
    /// Whether nobody told: the authority's answers said it.
    pub lost: bool,
    /// Which installation leaves, by [`Portal::installs`](crate::Portal::installs): where a newer
    /// one came in between, nothing is removed. None stands for whichever is there.
    pub installs: Option<u32>,
    /// When the portal left.
    pub at: OffsetDateTime,
    /// When this is noted.
    pub now: OffsetDateTime,
}

impl Leaving {
    /// The moment by which the portal had left for certain: the sender may tell whole seconds.
    #[must_use]
    pub fn left_by(&self) -> OffsetDateTime {
        (self.at + time::Duration::SECOND).min(self.now)
    }

    /// Whether it ends a session: those of the installation that leaves, and of those before it, and of
    /// those that are tied to none whatever `had_begun` when the portal [left](Self::left_by). What began
    /// later is the page that installs the application anew.
    #[must_use]
    pub fn ends_session(&self, installation: Option<u32>, had_begun: bool) -> bool {
        match (self.installs, installation) {
            (None, _) => true,
            (Some(left), Some(number)) => number <= left,
            (Some(_), None) => had_begun,
        }
    }
}

/// What there was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Whether it was the installation that was to leave; if not, nothing was removed. A portal
    /// that is not there contradicts nobody.
    pub applied: bool,
    /// Whether the portal was known and not uninstalled yet.
    pub was_installed: bool,
    /// How many chains of tokens were destroyed.
    pub chains: u64,
    /// Whether what was destroyed is off the disk, too; if not,
    /// [`finish_leaving`](Store::finish_leaving) is due.
    pub is_off_disk: bool,
}

/// # A portal leaves
impl Store {
    /// Destroys all tokens of a portal and what is known of its people, with the leases on them,
    /// notes that it is uninstalled, and its links serve nothing any more (SEC-24); with
    /// [`Leaving::clean`], everything of it, but a digest with two moments. All of it or nothing.
    /// Asked again, it changes nothing more.
    ///
    /// # Errors
    /// A [`StoreError`]; then nothing was destroyed.
    #[instrument(name = "db.portal.uninstall", skip_all, fields(portal.member_id = %member_id))]
    pub async fn uninstall(
        &self,
        member_id: &MemberId,
        leaving: &Leaving,
    ) -> Result<Left, StoreError> {
        let mut work = self.begin().await?;
        if !self.is_meant(&mut work, member_id, leaving).await? {
            return Ok(Left {
                applied: false,
                was_installed: false,
                chains: 0,
                is_off_disk: true,
            });
        }
        // The portal first: whoever keeps tokens does the same and then finds it uninstalled.
        let was_installed = self.mark_uninstalled(&mut work, member_id, leaving).await?;
        let chains = sqlx::query("delete from credential where member_id = $1")
            .bind(member_id.as_str())
            .execute(&mut *work)
            .await?
            .rows_affected();
        forget_words(&mut work, member_id, leaving).await?;
        self.end_page_sessions(&mut work, member_id, leaving)
            .await?;
        void_links(&mut work, member_id, leaving).await?;
        if leaving.clean {
            self.keep_tellers(&mut work, member_id).await?;
            self.tell_cabinets(&mut work, member_id, leaving).await?;
            self.erase_deeds_of(&mut work, member_id).await?;
            forget_portal(&mut work, member_id, leaving).await?;
        }
        work.commit().await?;
        Ok(Left {
            applied: true,
            was_installed,
            chains,
            is_off_disk: self.finish_leaving(member_id).await.is_ok(),
        })
    }

    /// Clears from the disk what an uninstallation destroyed: asked after one that could not do so
    /// or whose process died in between. May be asked any number of times, and of a portal that is
    /// not there any more or has come back.
    ///
    /// # Errors
    /// A [`StoreError`]; [`StoreError::Unavailable`] while a reader keeps the old state of the
    /// database: ask again.
    #[instrument(name = "db.portal.finish_leaving", skip_all, fields(portal.member_id = %member_id))]
    pub async fn finish_leaving(&self, member_id: &MemberId) -> Result<(), StoreError> {
        self.forget_spilled(member_id).await?;
        self.wipe().await
    }

    /// Forgets the pairs on disk of chains that are gone. A portal that came back has new ones,
    /// which may be at work: their files are younger than their rows.
    async fn forget_spilled(&self, member_id: &MemberId) -> Result<(), StoreError> {
        let files = self.spill().files_of(member_id).await?;
        if files.is_empty() {
            return Ok(());
        }
        let alive: Vec<String> =
            sqlx::query_scalar("select id from credential where member_id = $1")
                .bind(member_id.as_str())
                .fetch_all(&self.writes)
                .await?;
        self.spill().forget(files, &alive).await
    }

    /// Keeps the portal as it is until the transaction ends, before anything of it is touched:
    /// whoever changes its links does the same. Whether it is the installation that is to leave, or
    /// not there at all.
    async fn is_meant(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
        leaving: &Leaving,
    ) -> Result<bool, StoreError> {
        let sql = "select installs from portal where member_id = $1 {for_update}";
        let installs: Option<i64> = sqlx::query_scalar(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_optional(&mut **work)
            .await?;
        let meant = leaving.installs.map(i64::from);
        Ok(installs.is_none() || meant.is_none() || installs == meant)
    }

    /// Keeps all accounts whose deeds are added to or erased, in one order.
    async fn keep_tellers(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
    ) -> Result<(), StoreError> {
        let sql = "select id from account \
                   where id in (select account_id from link where member_id = $1) \
                   or id in (select account_id from audit where member_id = $1) \
                   order by id {for_change}";
        sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_all(&mut **work)
            .await?;
        Ok(())
    }

    /// Tells the cabinets that the portal is linked to that their link goes with it.
    async fn tell_cabinets(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
        leaving: &Leaving,
    ) -> Result<(), StoreError> {
        let accounts: Vec<String> = sqlx::query_scalar(
            "select account_id from link where member_id = $1 order by account_id",
        )
        .bind(member_id.as_str())
        .fetch_all(&mut **work)
        .await?;
        for account in accounts {
            self.note_deed_in(work, &account, &DeedKind::PortalErased, leaving.now)
                .await?;
        }
        Ok(())
    }

    /// Ends the sessions that end with a leaving; when they began is reckoned back by the database's
    /// clock. One that cannot be understood goes too.
    async fn end_page_sessions(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
        leaving: &Leaving,
    ) -> Result<(), StoreError> {
        let ago = (leaving.now - leaving.left_by())
            .try_into()
            .unwrap_or_default();
        let sql = "select digest, member_id, user_id, ends_at, sealed_session, \
                   case when started_at <= {now} - $2 then 1 else 0 end as had_begun \
                   from page_session where member_id = $1 order by digest";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .bind(span_ms(ago))
            .fetch_all(&mut **work)
            .await?;
        for row in &rows {
            let had_begun = Columns::new(row, "page_session", "a session").flag("had_begun")?;
            let ends = PageSession::from_row(row, &self.vault).map_or(true, |session| {
                leaving.ends_session(session.installs, had_begun)
            });
            if ends {
                sqlx::query("delete from page_session where digest = $1")
                    .bind(row.try_get::<String, _>("digest")?)
                    .execute(&mut **work)
                    .await?;
            }
        }
        Ok(())
    }

    async fn mark_uninstalled(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
        leaving: &Leaving,
    ) -> Result<bool, StoreError> {
        let reason = if leaving.lost { "lost" } else { "" };
        let done = sqlx::query(
            "update portal set state = 'uninstalled', state_since = $2, reason = $4, \
             reason_since = $2, probes = 0, \
             uninstalled_at = $3, install_began_at = null, installed_at = null, \
             next_probe_at = null, probe_owner = null, probe_until = null, hinted_at = null, \
             needs_reading_since = null, sealed_application_token = null, \
             next_reading_at = null, reading_owner = null, reading_until = null, \
             reading_began_at = null, reading_ms = null, \
             reading_attempts = 0, failed_at = null, failure = null, restored_at = null \
             where member_id = $1 and uninstalled_at is null",
        )
        .bind(member_id.as_str())
        .bind(to_ms(leaving.now))
        .bind(to_ms(leaving.at))
        .bind(reason)
        .execute(&mut **work)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Clears from the disk whatever was deleted, where no reader is in the way. To be asked from time to
    /// time: one may have been, or the process have died, when it was deleted.
    #[instrument(name = "db.wipe", skip_all)]
    pub async fn wipe_if_possible(&self) {
        if let Err(error) = self.wipe().await {
            tracing::warn!(%error, "what was deleted is not off the disk yet");
        }
    }

    /// SQLite overwrites what it deletes, but the log beside the file still holds what was there
    /// before; PostgreSQL leaves that to its own cleaning, in which only sealed values are left.
    pub(crate) async fn wipe(&self) -> Result<(), StoreError> {
        if self.dialect == Dialect::Postgres {
            return Ok(());
        }
        let writer = self.writes.acquire().await?;
        // Goes on by itself when nobody waits for it any more, so that the writer is given back as it
        // was taken.
        let wiped = tokio::spawn(cut_log(writer).in_current_span()).await;
        if wiped.map_err(|failed| StoreError::Internal(failed.into()))?? != 0 {
            return Err(StoreError::Unavailable(
                "a reader keeps the old state of the database".into(),
            ));
        }
        Ok(())
    }
}

/// For so long the one writer waits for readers: all others wait for it meanwhile, and a backup
/// reads for minutes.
const READERS_END_WITHIN: &str = "pragma busy_timeout = 100";

/// Brings SQLite's log into the file and empties it. Gives back 0, or another number where a reader
/// did not let it.
async fn cut_log(mut writer: PoolConnection<Any>) -> Result<i64, sqlx::Error> {
    writer.execute(READERS_END_WITHIN).await?;
    let outcome = writer.fetch_one("pragma wal_checkpoint(truncate)").await;
    if let Err(error) = writer.execute(BUSY_TIMEOUT).await {
        // One that is impatient with everybody is of no use.
        writer.close_on_drop();
        return Err(error);
    }
    outcome?.try_get("busy")
}

/// The name under which the wish to have everything deleted waits among the events.
const WISH_TO_BE_FORGOTTEN: &str = "left_clean";

/// Bodies of requests, people of all readings, and events that wait for a portal that is not
/// there any more. Digests of events stay, so that a repetition is known; the event that is worked
/// off just now ends by itself. A portal that leaves may wish a little later to be forgotten
/// altogether: that is not dropped until it was done.
async fn forget_words(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    leaving: &Leaving,
) -> Result<(), StoreError> {
    sqlx::query(
        "update rest_journal set request = '', response = '', user_id = null \
         where member_id = $1",
    )
    .bind(member_id.as_str())
    .execute(&mut **work)
    .await?;
    // What was read waits for the portal to be linked again, without the people in it; a reading that
    // has them is another one then.
    for statement in [
        "update snapshot set people = null, known = null where member_id = $1",
        "update version set people = null, digest = null where member_id = $1",
        "delete from change where member_id = $1 and item = 'user'",
        "delete from visit where member_id = $1",
    ] {
        sqlx::query(statement)
            .bind(member_id.as_str())
            .execute(&mut **work)
            .await?;
    }
    sqlx::query(
        "update inbox set payload = null, finished_at = $2 where member_id = $1 \
         and finished_at is null and lease_owner is null and received_at <= $2 \
         and ($3 = 1 or name <> $4)",
    )
    .bind(member_id.as_str())
    .bind(to_ms(leaving.now))
    .bind(i64::from(leaving.clean))
    .bind(WISH_TO_BE_FORGOTTEN)
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Cabinets keep their links and what they wrote on them, and are served nothing by them.
async fn void_links(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    leaving: &Leaving,
) -> Result<(), StoreError> {
    sqlx::query("update link set void_since = $2 where member_id = $1 and void_since is null")
        .bind(member_id.as_str())
        .bind(to_ms(leaving.now))
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// Asked twice, the first moments stay.
async fn forget_portal(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    leaving: &Leaving,
) -> Result<(), StoreError> {
    let address: Option<String> = sqlx::query_scalar(
        "insert into departed (digest, first_seen_at, uninstalled_at) \
         select $2, first_seen_at, $3 from portal where member_id = $1 \
         on conflict (digest) do update set uninstalled_at = excluded.uninstalled_at \
         returning (select address from portal where member_id = $1)",
    )
    .bind(member_id.as_str())
    .bind(Sha256::digest(member_id.as_str()).as_slice())
    .bind(to_ms(leaving.at))
    .fetch_optional(&mut **work)
    .await?;
    for statement in [
        "delete from rest_journal where member_id = $1",
        "delete from inbox where member_id = $1",
        "delete from snapshot where member_id = $1",
        "delete from version where member_id = $1",
        "delete from link where member_id = $1",
        "delete from portal where member_id = $1",
    ] {
        sqlx::query(statement)
            .bind(member_id.as_str())
            .execute(&mut **work)
            .await?;
    }
    if let Some(address) = address {
        sqlx::query("delete from pace where account = $1")
            .bind(address)
            .execute(&mut **work)
            .await?;
    }
    Ok(())
}
