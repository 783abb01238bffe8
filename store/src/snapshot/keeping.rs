//! Keeping readings: one that found what the last one found moves a moment, another becomes a
//! version. How it differs is worked out by whoever keeps it, from the version that is there; should
//! another have come in between, that is said, and it is worked out anew.

use std::sync::Arc;

use crmap_domain::change::Change;
use crmap_domain::{Lang, MemberId, Reading, Specification};
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::form::{self, Digest};
use super::unpacked;
use super::writing::{close_version, make_room, point, put_changes, put_version};
use crate::blocking::blocking;
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::search_index::{SearchIndex, put_search_index};
use crate::{Store, StoreError};

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It is the snapshot now, and a version of its own.
    Kept,
    /// It found what the last one found, and stands for it now.
    Unchanged,
    /// A later reading is the snapshot.
    Outdated,
    /// An administrator's reading is, who sees more than whoever read now.
    Lesser,
    /// The portal is linked to no cabinet, or the installation that was read is not there any more.
    Void,
    /// It is larger than anything that is kept.
    TooLarge,
    /// Another version came since it was compared: it is to be compared with that one.
    Overtaken,
}

/// A reading that is to be kept.
#[derive(Debug, Clone)]
pub struct NewReading {
    pub(super) specification: Arc<Specification>,
    pub(super) digest: Digest,
    pub(super) taken_at: OffsetDateTime,
}

impl NewReading {
    /// Works out what tells it from others.
    ///
    /// # Errors
    /// [`StoreError::Internal`] where that fails.
    pub async fn of(
        specification: &Arc<Specification>,
        taken_at: OffsetDateTime,
    ) -> Result<Self, StoreError> {
        let read = Arc::clone(specification);
        let digest = blocking(move || Ok(form::digest(&read))).await?;
        Ok(Self {
            specification: Arc::clone(specification),
            digest,
            taken_at,
        })
    }

    /// What was read.
    #[must_use]
    pub const fn specification(&self) -> &Arc<Specification> {
        &self.specification
    }

    pub(super) fn by_administrator(&self) -> bool {
        self.specification.reading.viewer.administrator
    }
}

/// The version that is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    pub(super) number: i64,
    first_read_at: i64,
}

/// How far a reading came that was compared by its digest alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// That was all.
    Done(Keeping),
    /// It differs from the version that is there, if any.
    Differs(Option<Current>),
}

/// What a reading is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// What the version that is there found.
    pub specification: Specification,
    /// What was last known of the parts that it was refused.
    pub known: Option<Specification>,
    /// Whether it was not yet known by its digest.
    is_nameless: bool,
}

/// How a reading differs from the version that is there.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The version that it was compared with.
    pub with: Option<Current>,
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// What stays known of the parts that it was refused.
    pub known: Option<Arc<Specification>>,
}

/// What the database has of a portal when a reading comes.
pub(super) struct Standing {
    pub(super) taken_at: i64,
    /// When the reading that is there began.
    began_at: Option<OffsetDateTime>,
    by_administrator: bool,
    pub(super) current: Option<Current>,
    digest: Option<Vec<u8>>,
}

impl Standing {
    /// Whether what is there began after a reading that waited for its turn. An administrator's, who
    /// sees more, is better all the same.
    fn is_overtaking(&self, reading: &NewReading) -> bool {
        self.by_administrator == reading.by_administrator()
            && self.began_at > Some(reading.specification.reading.at)
    }

    /// Why a reading is not kept, whatever it found: what an administrator read is replaced by what
    /// an administrator reads alone, and what began later by nothing that began before it.
    fn refuses(&self, reading: &NewReading) -> Option<Keeping> {
        if self.by_administrator && !reading.by_administrator() {
            Some(Keeping::Lesser)
        } else if self.taken_at > to_ms(reading.taken_at) || self.is_overtaking(reading) {
            Some(Keeping::Outdated)
        } else {
            None
        }
    }
}

/// # Keeping readings
impl Store {
    /// Keeps the reading of a portal that is linked to a cabinet, where it found what the last one
    /// found: then only moments move. `installs` names the installation that was there before the
    /// reading began: what is read late must not bring back what a farewell has deleted.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.snapshot.renew", skip_all, fields(portal.member_id = %member_id))]
    pub async fn renew_snapshot(
        &self,
        member_id: &MemberId,
        installs: u32,
        reading: &NewReading,
    ) -> Result<Renewal, StoreError> {
        let mut work = self.begin().await?;
        if !self.keep_linked(&mut work, member_id, installs).await? {
            return Ok(Renewal::Done(Keeping::Void));
        }
        let Some(standing) = standing(&mut work, member_id).await? else {
            return Ok(Renewal::Differs(None));
        };
        if let Some(why) = standing.refuses(reading) {
            return Ok(Renewal::Done(why));
        }
        let is_same = standing.digest.as_deref() == Some(reading.digest.as_slice());
        let Some(current) = standing.current.filter(|_| is_same) else {
            return Ok(Renewal::Differs(standing.current));
        };
        sqlx::query(
            "update snapshot set taken_at = $2, by_administrator = $3, reading = $4 \
             where member_id = $1",
        )
        .bind(member_id.as_str())
        .bind(to_ms(reading.taken_at))
        .bind(i64::from(reading.by_administrator()))
        .bind(form::pack_circumstances(&reading.specification.reading))
        .execute(&mut *work)
        .await?;
        if reading.by_administrator() && !standing.by_administrator {
            // Somebody who sees everything sees no more than this.
            let sql = "update version set viewer_id = $3, by_administrator = 1 \
                       where member_id = $1 and number = $2";
            sqlx::query(sql)
                .bind(member_id.as_str())
                .bind(current.number)
                .bind(reading.specification.reading.viewer.id)
                .execute(&mut *work)
                .await?;
        }
        work.commit().await?;
        Ok(Renewal::Done(Keeping::Unchanged))
    }

    /// What a reading is to be compared with; nothing where that version is not there any more.
    /// Whoever asks keeps readings: nobody is shown what this gives.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it cannot be understood.
    #[instrument(name = "db.snapshot.base", skip_all, fields(portal.member_id = %member_id))]
    pub async fn base(
        &self,
        member_id: &MemberId,
        current: Current,
    ) -> Result<Option<Base>, StoreError> {
        let row = sqlx::query(
            "select version.content, version.people, version.viewer_id, \
             version.by_administrator, snapshot.known, \
             case when version.digest is null then 1 else 0 end as nameless from version \
             join snapshot on snapshot.member_id = version.member_id \
             where version.member_id = $1 and version.number = $2 and version.first_read_at = $3",
        )
        .bind(member_id.as_str())
        .bind(current.number)
        .bind(current.first_read_at)
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let columns = Columns::new(&row, "version", member_id.as_str());
        let mut specification = unpacked(&columns, member_id.as_str()).await?;
        // By whom it was seen last, which may be more than whoever saw it first.
        specification.reading.viewer.administrator = columns.flag("by_administrator")?;
        let known = columns.maybe_bytes("known")?;
        Ok(Some(Base {
            specification,
            known: known.and_then(|known| form::unpack_known(&known)),
            is_nameless: columns.flag("nameless")?,
        }))
    }

    /// Where a version has no digest yet and the reading found the same, gives it the reading's.
    /// Says whether it did: then the reading can be kept as an unchanged one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.snapshot.adopt", skip_all, fields(portal.member_id = %member_id))]
    pub async fn adopt(
        &self,
        member_id: &MemberId,
        current: Current,
        base: &Base,
        reading: &NewReading,
    ) -> Result<bool, StoreError> {
        if !base.is_nameless {
            return Ok(false);
        }
        let found = base.specification.clone();
        if blocking(move || Ok(form::digest(&found))).await? != reading.digest {
            return Ok(false);
        }
        let done = sqlx::query(
            "update version set digest = $4 where member_id = $1 and number = $2 \
             and first_read_at = $3 and digest is null and people is not null",
        )
        .bind(member_id.as_str())
        .bind(current.number)
        .bind(current.first_read_at)
        .bind(reading.digest.as_slice())
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the digest from the version that is there, since it cannot be shown: the next reading
    /// becomes a version of its own, whatever it finds.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.snapshot.distrust", skip_all, fields(portal.member_id = %member_id))]
    pub async fn distrust_snapshot(&self, member_id: &MemberId) -> Result<(), StoreError> {
        let sql = "update version set digest = null where member_id = $1 and number = \
                   (select number from snapshot where member_id = $1)";
        sqlx::query(sql)
            .bind(member_id.as_str())
            .execute(&self.writes)
            .await?;
        Ok(())
    }

    /// The language of the last reading of a portal; nothing where there is none or it is not known.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.snapshot.lang", skip_all, fields(portal.member_id = %member_id))]
    pub async fn lang_of_readings(&self, member_id: &MemberId) -> Result<Option<Lang>, StoreError> {
        let sql = "select reading from snapshot where member_id = $1";
        let reading: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        let reading = reading.flatten();
        let reading = reading.and_then(|text| serde_json::from_str::<Reading>(&text).ok());
        Ok(reading.map(|reading| reading.lang))
    }

    /// Keeps a reading that differs from the version it was compared with: it is the next version,
    /// and the snapshot. All that is said of [`renew_snapshot`](Self::renew_snapshot) holds.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.snapshot.put", skip_all, fields(portal.member_id = %member_id))]
    pub async fn put_snapshot(
        &self,
        member_id: &MemberId,
        installs: u32,
        reading: &NewReading,
        comparison: &Comparison,
    ) -> Result<Keeping, StoreError> {
        let (read, known) = (Arc::clone(&reading.specification), comparison.known.clone());
        let packed = blocking(move || {
            let known = known.and_then(|known| form::pack_known(&known));
            Ok(form::pack(&read).map(|packed| (packed, known)))
        })
        .await?;
        let Some((packed, known)) = packed else {
            return Ok(Keeping::TooLarge);
        };
        let index = SearchIndex::of(&reading.specification).await?;
        let mut work = self.begin().await?;
        if !self.keep_linked(&mut work, member_id, installs).await? {
            return Ok(Keeping::Void);
        }
        let standing = standing(&mut work, member_id).await?;
        if let Some(standing) = &standing {
            if let Some(why) = standing.refuses(reading) {
                return Ok(why);
            }
            close_version(&mut work, member_id, standing).await?;
        }
        if standing.and_then(|standing| standing.current) != comparison.with {
            return Ok(Keeping::Overtaken);
        }
        let number = put_version(&mut work, member_id, reading, &packed).await?;
        put_changes(&mut work, member_id, number, &comparison.changes).await?;
        point(&mut work, member_id, number, reading, &packed, known).await?;
        put_search_index(&mut work, member_id, &index).await?;
        make_room(&mut work, member_id, number).await?;
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
                   (select account_id from link where member_id = $1 and void_since is null) \
                   order by id {for_share}";
        let linked = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_all(&mut **work)
            .await?;
        Ok(!linked.is_empty())
    }
}

async fn standing(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
) -> Result<Option<Standing>, StoreError> {
    let row = sqlx::query(
        "select snapshot.taken_at, snapshot.reading, snapshot.by_administrator, snapshot.number, \
         version.first_read_at, version.digest from snapshot \
         left join version on version.member_id = snapshot.member_id \
           and version.number = snapshot.number where snapshot.member_id = $1",
    )
    .bind(member_id.as_str())
    .fetch_optional(&mut **work)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let columns = Columns::new(&row, "snapshot", member_id.as_str());
    let number = columns.int("number")?;
    Ok(Some(Standing {
        taken_at: columns.int("taken_at")?,
        began_at: columns
            .maybe_text("reading")?
            .and_then(|reading| form::began_at(&reading)),
        by_administrator: columns.flag("by_administrator")?,
        current: columns
            .maybe_int("first_read_at")?
            .map(|first_read_at| Current {
                number,
                first_read_at,
            }),
        digest: columns.maybe_bytes("digest")?,
    }))
}
