//! The record of requests to portals, kept for their owners and for the rule of the Marketplace
//! (bitrix24.md §8.1, SEC-38). What comes in is masked already.

use std::collections::BTreeSet;
use std::time::Duration;

use crmap_domain::MemberId;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::{from_ms, span, span_ms, to_ms};
use crate::words::bounded;
use crate::{Store, StoreError, Tenant};

/// Of a request's or an answer's body. Who writes the record cuts earlier.
const MAX_BODY: usize = 64 * 1024;
/// Of names and codes.
const MAX_NAME: usize = 1024;

/// One request with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The portal.
    pub member_id: MemberId,
    /// The user whose rights were used, where it is known.
    pub user_id: Option<i64>,
    /// When the request was sent.
    pub at: OffsetDateTime,
    /// The method.
    pub method: String,
    /// The HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// From the request to the end of the answer.
    pub duration: Duration,
    /// The code of the error, where there was one.
    pub error: Option<String>,
    /// The parameters, masked and cut.
    pub request: String,
    /// The answer, masked and cut.
    pub response: String,
    /// The size of the answer before it was cut, in bytes.
    pub response_bytes: u64,
}

/// A place in a portal's record, to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalCursor {
    at: i64,
    id: String,
}

impl JournalCursor {
    /// The place that [`place`](Self::place) told, or somebody says it did.
    #[must_use]
    pub fn new(at_ms: i64, id: &str) -> Self {
        Self {
            at: at_ms,
            id: bounded(id, MAX_NAME),
        }
    }

    /// The moment of the last request that was read, in unix milliseconds, and its name.
    #[must_use]
    pub fn place(&self) -> (i64, &str) {
        (self.at, &self.id)
    }

    fn newest() -> Self {
        Self::new(i64::MAX, "")
    }
}

/// A part of a portal's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPage {
    /// The requests, the newest first.
    pub rows: Vec<JournalRow>,
    /// Where older ones begin; none where there are none.
    pub next: Option<JournalCursor>,
}

/// The requests of a portal that are older than a place, and what follows.
macro_rules! requests {
    ($rest:literal) => {
        concat!(
            "select id, member_id, user_id, at, method, status, duration_ms, error, request, \
             response, response_bytes from rest_journal where member_id = $1 \
             and (at < $2 or (at = $2 and id < $3)) ",
            $rest
        )
    };
}

impl JournalPage {
    fn of(rows: &[AnyRow], limit: u32) -> Result<Self, StoreError> {
        let full = rows.len() == limit as usize;
        Ok(Self {
            rows: rows
                .iter()
                .map(JournalRow::from_row)
                .collect::<Result<_, _>>()?,
            next: rows.last().filter(|_| full).map(cursor_of).transpose()?,
        })
    }
}

impl JournalRow {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let columns = Columns::new(row, "rest_journal", "a request");
        let status = columns.maybe_int("status")?.map(u16::try_from).transpose();
        Ok(Self {
            member_id: columns.member_id("member_id")?,
            user_id: columns.maybe_int("user_id")?,
            at: columns.moment("at")?,
            method: columns.text("method")?,
            status: status.map_err(|_error| columns.corrupt("status"))?,
            duration: span(columns.int("duration_ms")?),
            error: columns.maybe_text("error")?,
            request: columns.text("request")?,
            response: columns.text("response")?,
            response_bytes: columns.int("response_bytes")?.unsigned_abs(),
        })
    }
}

/// # The record of requests
impl Store {
    /// Adds requests to the record: all or none. Those of portals that are not there, or
    /// uninstalled, are left out: nothing is kept of who left (SEC-19).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.journal.write", skip_all, fields(rows = rows.len()))]
    pub async fn write_journal(&self, rows: &[JournalRow]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut work = self.begin().await?;
        let there = self.keep_portals(&mut work, rows).await?;
        for row in rows.iter().filter(|row| there.contains(&row.member_id)) {
            sqlx::query(
                "insert into rest_journal (id, member_id, user_id, at, method, status, \
                 duration_ms, error, request, response, response_bytes) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(self.vault.new_id())
            .bind(row.member_id.as_str())
            .bind(row.user_id)
            .bind(to_ms(row.at))
            .bind(bounded(&row.method, MAX_NAME))
            .bind(row.status.map(i64::from))
            .bind(span_ms(row.duration))
            .bind(row.error.as_deref().map(|error| bounded(error, MAX_NAME)))
            .bind(bounded(&row.request, MAX_BODY))
            .bind(bounded(&row.response, MAX_BODY))
            .bind(i64::try_from(row.response_bytes).unwrap_or(i64::MAX))
            .execute(&mut *work)
            .await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// Keeps portals from being uninstalled until the transaction ends, in an order that all callers
    /// keep; says which ones are there.
    async fn keep_portals<'a>(
        &self,
        work: &mut Transaction<'static, Any>,
        rows: &'a [JournalRow],
    ) -> Result<BTreeSet<&'a MemberId>, StoreError> {
        let mut portals: BTreeSet<_> = rows.iter().map(|row| &row.member_id).collect();
        for portal in portals.clone() {
            let sql = "select 1 from portal where member_id = $1 and uninstalled_at is null \
                       {for_share}";
            let found = sqlx::query(self.dialect.sql(sql))
                .bind(portal.as_str())
                .fetch_optional(&mut **work)
                .await?;
            if found.is_none() {
                portals.remove(portal);
            }
        }
        Ok(portals)
    }

    /// A portal's requests, the newest first; `from` is where an earlier part ended.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.journal.read", skip_all, fields(portal.member_id = %member_id))]
    pub async fn journal(
        &self,
        member_id: &MemberId,
        from: Option<&JournalCursor>,
        limit: u32,
    ) -> Result<JournalPage, StoreError> {
        let from = from.cloned().unwrap_or_else(JournalCursor::newest);
        let rows = sqlx::query(requests!("order by at desc, id desc limit $4"))
            .bind(member_id.as_str())
            .bind(from.at)
            .bind(from.id)
            .bind(i64::from(limit))
            .fetch_all(&self.reads)
            .await?;
        JournalPage::of(&rows, limit)
    }

    /// The same for a cabinet: the requests since the portal was linked to it, for what was asked
    /// before is none of its business. Nothing where it is not linked.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.journal.of_link", skip_all, fields(portal.member_id = %member_id))]
    pub async fn journal_of_link(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        from: Option<&JournalCursor>,
        limit: u32,
    ) -> Result<JournalPage, StoreError> {
        let from = from.cloned().unwrap_or_else(JournalCursor::newest);
        let rows = sqlx::query(requests!(
            "and at >= (select linked_at from link where account_id = $5 and member_id = $1 \
               and void_since is null) \
             order by at desc, id desc limit $4"
        ))
        .bind(member_id.as_str())
        .bind(from.at)
        .bind(from.id)
        .bind(i64::from(limit))
        .bind(tenant.id())
        .fetch_all(&self.reads)
        .await?;
        JournalPage::of(&rows, limit)
    }

    /// Forgets requests from before a moment, at most `limit` of them at a time, so that nobody
    /// waits long. Says how many.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.journal.purge", skip_all)]
    pub async fn purge_journal(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "delete from rest_journal where id in \
             (select id from rest_journal where at < $1 order by at limit $2)",
        )
        .bind(to_ms(before))
        .bind(i64::from(limit))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected())
    }
}

fn cursor_of(row: &AnyRow) -> Result<JournalCursor, StoreError> {
    let columns = Columns::new(row, "rest_journal", "a request");
    let at = columns.int("at")?;
    from_ms(at).ok_or_else(|| columns.corrupt("at"))?;
    Ok(JournalCursor {
        at,
        id: columns.text("id")?,
    })
}
