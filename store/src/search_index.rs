//! What is looked for in the last readings of portals: a part of each, kept apart and small, so that
//! a search over hundreds of portals need not open the readings. It is made with the reading that it
//! belongs to and goes with it; people are not in it.

use std::io::{Read, Write};
use std::sync::Arc;

use crmap_domain::cabinet::Mark;
use crmap_domain::search::fleet::{Rows, pack};
use crmap_domain::{MemberId, PortalState, Specification};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::blocking::blocking;
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError, Tenant};

/// More than any reading has.
const MOST: u64 = 16 * 1024 * 1024;

/// A portal that a cabinet may search, with what is shown of it above what is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPlace {
    /// The portal.
    pub member_id: MemberId,
    /// Its last known address.
    pub address: String,
    /// What the cabinet's owner calls it; may be empty.
    pub label: String,
    /// The colour that the owner gave it.
    pub mark: Option<Mark>,
    /// How it stands.
    pub state: PortalState,
    /// When it was last read; nothing where it was not.
    pub taken_at: Option<OffsetDateTime>,
    /// Tells what can be found in it from what could be before. Nothing where that has yet to be made
    /// out of the reading.
    pub stamp: Option<i64>,
}

/// What can be found in a portal.
#[derive(Debug, Clone)]
pub struct Searched {
    /// Tells it from what could be found before.
    pub stamp: i64,
    /// The rows.
    pub rows: Arc<Rows>,
}

/// What of a reading is kept to be searched.
pub(crate) struct SearchIndex {
    stamp: i64,
    content: Vec<u8>,
    rows: Rows,
}

impl SearchIndex {
    /// Of a reading.
    pub(crate) async fn of(specification: &Arc<Specification>) -> Result<Self, StoreError> {
        let read = Arc::clone(specification);
        blocking(move || {
            let text = pack(&read);
            Ok(Self {
                stamp: stamp_of(&text),
                content: press(text.as_bytes())?,
                rows: Rows::unpack(text).unwrap_or_else(|| Rows::of(&read)),
            })
        })
        .await
    }
}

/// Keeps what is searched of a reading, in the transaction that keeps the reading.
pub(crate) async fn put_search_index(
    work: &mut Transaction<'static, Any>,
    member_id: &MemberId,
    index: &SearchIndex,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into search_index (member_id, stamp, content) values ($1, $2, $3) \
         on conflict (member_id) do update set stamp = excluded.stamp, content = excluded.content \
         where search_index.stamp <> excluded.stamp or search_index.content <> excluded.content",
    )
    .bind(member_id.as_str())
    .bind(index.stamp)
    .bind(index.content.as_slice())
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// # What can be searched for
impl Store {
    /// The portals that a cabinet may search right now, by one question however many there are. What
    /// is found in any other must not be shown (SEC-24, 77).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.search.places", skip_all)]
    pub async fn search_places(&self, tenant: &Tenant) -> Result<Vec<SearchPlace>, StoreError> {
        let rows = sqlx::query(
            "select link.member_id, link.label, link.mark, portal.address, portal.state, \
             snapshot.taken_at, search_index.stamp from link \
             join portal on portal.member_id = link.member_id \
             left join snapshot on snapshot.member_id = link.member_id \
             left join search_index on search_index.member_id = link.member_id \
             where link.account_id = $1 and link.void_since is null order by link.member_id",
        )
        .bind(tenant.id())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(SearchPlace::from_row).collect()
    }

    /// What can be found in a portal, for a cabinet that it is linked to. Nothing where it is not, or
    /// not any more, or that has yet to be made.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it cannot be understood.
    #[instrument(name = "db.search.rows", skip_all, fields(portal.member_id = %member_id))]
    pub async fn search_rows(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<Searched>, StoreError> {
        let row = sqlx::query(
            "select search_index.stamp, search_index.content from search_index \
             join link on link.member_id = search_index.member_id \
             where link.account_id = $1 and search_index.member_id = $2 \
             and link.void_since is null",
        )
        .bind(tenant.id())
        .bind(member_id.as_str())
        .fetch_optional(&self.reads)
        .await?;
        match row {
            Some(row) => Ok(Some(searched(&row, member_id.as_str()).await?)),
            None => Ok(None),
        }
    }

    /// Makes what can be found in a portal out of its last reading, for one that was read before this
    /// was done with every reading, or where it is damaged; keeps it unless there is another reading
    /// by now. Nothing
    /// where the portal is not linked to the cabinet, or was not read.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where the reading cannot be understood.
    #[instrument(name = "db.search.make", skip_all, fields(portal.member_id = %member_id))]
    pub async fn make_search_rows(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<Searched>, StoreError> {
        let Some((snapshot, _)) = self.reading_as_taken(tenant, member_id).await? else {
            return Ok(None);
        };
        let taken_at = snapshot.taken_at;
        let index = SearchIndex::of(&Arc::new(snapshot.specification)).await?;
        sqlx::query(
            "insert into search_index (member_id, stamp, content) \
             select member_id, $2, $3 from snapshot where member_id = $1 and taken_at = $4 \
             on conflict (member_id) do update set stamp = excluded.stamp, \
             content = excluded.content",
        )
        .bind(member_id.as_str())
        .bind(index.stamp)
        .bind(index.content)
        .bind(to_ms(taken_at))
        .execute(&self.writes)
        .await?;
        Ok(Some(Searched {
            stamp: index.stamp,
            rows: Arc::new(index.rows),
        }))
    }

    /// Whether what is searched of a portal can be understood, whoever may search it.
    pub(crate) async fn check_search_index(&self, name: &str) -> Result<(), StoreError> {
        let row = sqlx::query("select stamp, content from search_index where member_id = $1")
            .bind(name)
            .fetch_optional(&self.reads)
            .await?;
        match row {
            Some(row) => searched(&row, name).await.map(|_| ()),
            None => Ok(()),
        }
    }
}

impl SearchPlace {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let name: String = sqlx::Row::try_get(row, "member_id")?;
        let columns = Columns::new(row, "link", name);
        let mark = columns.maybe_text("mark")?;
        let mark = mark.map(|code| Mark::from_code(&code).ok_or_else(|| columns.corrupt("mark")));
        let state = PortalState::from_code(&columns.text("state")?);
        Ok(Self {
            member_id: columns.member_id("member_id")?,
            address: columns.text("address")?,
            label: columns.text("label")?,
            mark: mark.transpose()?,
            state: state.ok_or_else(|| columns.corrupt("state"))?,
            taken_at: columns.maybe_moment("taken_at")?,
            stamp: columns.maybe_int("stamp")?,
        })
    }
}

async fn searched(row: &AnyRow, name: &str) -> Result<Searched, StoreError> {
    let columns = Columns::new(row, "search_index", name);
    let (stamp, content) = (columns.int("stamp")?, columns.bytes("content")?);
    let name = name.to_owned();
    blocking(move || {
        let text = release(&content).filter(|text| stamp_of(text) == stamp);
        let rows = text.and_then(Rows::unpack);
        let rows = rows.ok_or_else(|| StoreError::corrupt("search_index", name, "content"))?;
        let rows = Arc::new(rows);
        Ok(Searched { stamp, rows })
    })
    .await
}

fn stamp_of(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 8], &[]));
    i64::from_be_bytes(*first)
}

/// Speed is worth more here than the last tenth of the size.
fn press(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Nothing where the bytes are damaged, or stand for more than was ever written.
fn release(bytes: &[u8]) -> Option<String> {
    let mut released = String::new();
    ZlibDecoder::new(bytes)
        .take(MOST + 1)
        .read_to_string(&mut released)
        .ok()?;
    (released.len() as u64 <= MOST).then_some(released)
}
