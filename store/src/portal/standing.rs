//! Changes of how a portal stands, and the hints that lead to them. An uninstalled portal is left
//! alone: what comes late must not bring it back.

use std::time::Duration;

use crmap_domain::{MemberId, PortalState};
use time::OffsetDateTime;
use tracing::instrument;

use crate::moment::{span_ms, to_ms};
use crate::words::bounded;
use crate::{Store, StoreError};

/// More than any code of Bitrix24 has; what a portal says itself may be longer.
const MAX_REASON: usize = 200;

/// How a portal stands from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingChange {
    /// The state; since when changes only when the state does.
    pub state: PortalState,
    /// Why, in the code that was given; empty for a healthy portal. Cut after 200 bytes.
    pub reason: String,
    /// How many probes in a row gave no better state.
    pub probes: u32,
    /// The state of the portal that was judged. Where it is another one by now, the judgement is void.
    pub was: PortalState,
    /// Its [`state_since`](super::Portal::state_since): as void where it left that state and came back.
    pub seen: OffsetDateTime,
    /// The last hint that was known when it was judged: a later one has it looked at all the same.
    pub hinted_at: Option<OffsetDateTime>,
    /// When the portal is to be looked at again.
    pub next_probe_at: Option<OffsetDateTime>,
    /// When.
    pub now: OffsetDateTime,
}

/// # How portals stand
impl Store {
    /// Notes how a portal stands. Says whether that holds: not where it is gone, or where its state
    /// changed since it was judged.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.set_standing", skip_all, fields(portal.member_id = %member_id))]
    pub async fn set_standing(
        &self,
        member_id: &MemberId,
        change: &StandingChange,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set state_since = case when state = $2 then state_since else $6 end, \
             reason_since = case when state = $2 and reason = $3 then reason_since else $6 end, \
             state = $2, reason = $3, probes = $4, \
             next_probe_at = case when hinted_at > $9 then next_probe_at else $5 end \
             where member_id = $1 and uninstalled_at is null and state_since = $7 \
             and state = $8",
        )
        .bind(member_id.as_str())
        .bind(change.state.code())
        .bind(bounded(&change.reason, MAX_REASON))
        .bind(i64::from(change.probes))
        .bind(change.next_probe_at.map(to_ms))
        .bind(to_ms(change.now))
        .bind(to_ms(change.seen))
        .bind(change.was.code())
        .bind(change.hinted_at.map_or(0, to_ms))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Has the portal looked at soon, because something that proves nothing says that it changed
    /// (SEC-17). Says whether it will be: not for one more hint within `at_most_every`.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.hint", skip_all, fields(portal.member_id = %member_id))]
    pub async fn hint(
        &self,
        member_id: &MemberId,
        now: OffsetDateTime,
        at_most_every: Duration,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set hinted_at = $2, \
             next_probe_at = case when next_probe_at < $2 then next_probe_at else $2 end \
             where member_id = $1 and uninstalled_at is null \
             and (hinted_at is null or hinted_at <= $3)",
        )
        .bind(member_id.as_str())
        .bind(to_ms(now))
        .bind(to_ms(now) - span_ms(at_most_every))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that there is something new to be read from the portal, and has it read at `read_at`
    /// where it would be later. Says whether it is there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.mark", skip_all, fields(portal.member_id = %member_id))]
    pub async fn mark_for_reading(
        &self,
        member_id: &MemberId,
        now: OffsetDateTime,
        read_at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set needs_reading_since = $2, \
             next_reading_at = case when next_reading_at > $3 then $3 else next_reading_at end \
             where member_id = $1 and uninstalled_at is null",
        )
        .bind(member_id.as_str())
        .bind(to_ms(now))
        .bind(to_ms(read_at))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the mark off again after a reading, unless a newer one than `seen` was made while the
    /// reading went on. Says whether it was taken off.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.unmark", skip_all, fields(portal.member_id = %member_id))]
    pub async fn clear_reading_mark(
        &self,
        member_id: &MemberId,
        seen: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set needs_reading_since = null \
             where member_id = $1 and needs_reading_since <= $2",
        )
        .bind(member_id.as_str())
        .bind(to_ms(seen))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
