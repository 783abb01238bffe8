//! Events of portals: kept before they are answered, worked off later, each once (SEC-18).

use std::time::Duration;

use crmap_domain::MemberId;
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::{span_ms, to_ms};
use crate::words::bounded;
use crate::{Store, StoreError};

const MAX_NAME: usize = 256;
/// What is read of a request is bounded before, far below this.
const MAX_PAYLOAD: usize = 4 * 1024 * 1024;

/// What names an event: the digest of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventId([u8; 32]);

/// An event as it arrives.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The digest of what it says, by which a repetition is known.
    pub digest: [u8; 32],
    /// The portal that it is about.
    pub member_id: MemberId,
    /// Its name: `ONAPPUNINSTALL`.
    pub name: String,
    /// When the portal says that it sent it.
    pub sent_at: Option<OffsetDateTime>,
    /// What it says, as JSON, without secrets.
    pub payload: String,
    /// When it arrived.
    pub now: OffsetDateTime,
}

/// What came of keeping an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is on disk and will be worked off.
    New,
    /// It was there before.
    Duplicate,
}

/// An event to be worked off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// What names it.
    pub id: EventId,
    /// The portal that it is about.
    pub member_id: MemberId,
    /// Its name.
    pub name: String,
    /// When the portal says that it sent it.
    pub sent_at: Option<OffsetDateTime>,
    /// When it arrived.
    pub received_at: OffsetDateTime,
    /// What it says, as JSON.
    pub payload: String,
    /// Which try this is, from 1.
    pub attempts: u32,
}

impl StoredEvent {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let columns = Columns::new(row, "inbox", "an event");
        let digest = columns.bytes("digest")?;
        let digest =
            <[u8; 32]>::try_from(digest.as_slice()).map_err(|_error| columns.corrupt("digest"))?;
        Ok(Self {
            id: EventId(digest),
            member_id: columns.member_id("member_id")?,
            name: columns.text("name")?,
            sent_at: columns.maybe_moment("sent_at")?,
            received_at: columns.moment("received_at")?,
            payload: columns.text("payload")?,
            attempts: columns.count("attempts")?,
        })
    }
}

/// # Events of portals
impl Store {
    /// Keeps an event, unless it was there before.
    ///
    /// # Errors
    /// A [`StoreError`]; then the event is not kept and must not be answered as if it were.
    #[instrument(name = "db.event.receive", skip_all, fields(portal.member_id = %event.member_id))]
    pub async fn receive_event(&self, event: &NewEvent) -> Result<Received, StoreError> {
        let sql = "insert into inbox (digest, member_id, name, sent_at, received_at, arrived, \
                   payload) values ($1, $2, $3, $4, $5, {now}, $6) \
                   on conflict (digest) do nothing";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(event.digest.as_slice())
            .bind(event.member_id.as_str())
            .bind(bounded(&event.name, MAX_NAME))
            .bind(event.sent_at.map(to_ms))
            .bind(to_ms(event.now))
            .bind(bounded(&event.payload, MAX_PAYLOAD))
            .execute(&self.writes)
            .await?;
        Ok(match done.rows_affected() {
            0 => Received::Duplicate,
            _ => Received::New,
        })
    }

    /// Takes the event that waits longest among those that are the first of their portal: events
    /// of one portal are worked off one after the other, in order of arrival. It is `owner`'s for
    /// the time of `lease`, by the database's clock, and then somebody else's.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.event.next", skip_all)]
    pub async fn next_event(
        &self,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<StoredEvent>, StoreError> {
        let sql = "with next as materialized (\
                     select digest from inbox event where finished_at is null \
                     and (lease_until is null or lease_until <= {now}) \
                     and not exists (select 1 from inbox earlier \
                       where earlier.member_id = event.member_id \
                       and earlier.finished_at is null \
                       and (earlier.arrived < event.arrived or \
                         (earlier.arrived = event.arrived and earlier.digest < event.digest))) \
                     order by arrived, digest limit 1 {skip_locked}) \
                   update inbox set lease_owner = $1, lease_until = {now} + $2, \
                   attempts = attempts + 1 \
                   where digest in (select digest from next) returning {event}";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(owner)
            .bind(span_ms(lease))
            .fetch_optional(&self.writes)
            .await?;
        row.as_ref().map(StoredEvent::from_row).transpose()
    }

    /// Notes that an event was worked off: what it said is dropped, its digest stays. Says whether
    /// it was still `owner`'s.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.event.finish", skip_all)]
    pub async fn finish_event(&self, id: EventId, owner: &str) -> Result<bool, StoreError> {
        let sql = "update inbox set finished_at = {now}, payload = null, \
                   lease_owner = null, lease_until = null \
                   where digest = $1 and lease_owner = $2 and finished_at is null";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(id.0.as_slice())
            .bind(owner)
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives an event back, to be tried again `after` a while; until then the portal's other
    /// events wait behind it. Says whether it was still `owner`'s.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.event.retry", skip_all)]
    pub async fn retry_event(
        &self,
        id: EventId,
        owner: &str,
        after: Duration,
    ) -> Result<bool, StoreError> {
        let sql = "update inbox set lease_owner = null, lease_until = {now} + $3 \
                   where digest = $1 and lease_owner = $2 and finished_at is null";
        let done = sqlx::query(self.dialect.sql(sql))
            .bind(id.0.as_slice())
            .bind(owner)
            .bind(span_ms(after))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets events that were worked off before a moment; a repetition of one would be taken for
    /// new again. Says how many.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.event.purge", skip_all)]
    pub async fn purge_events(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from inbox where finished_at < $1")
            .bind(to_ms(before))
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected())
    }
}
