//! The right to refresh a chain: one holder at a time over all processes, by the database's clock,
//! and written down before the authority is asked (security.md §4, steps 2 and 3).

use std::time::Duration;

use crmap_domain::MemberId;
use secrecy::SecretString;
use sqlx::any::AnyRow;
use tracing::instrument;

use super::{CANDIDATE, ChainName, REFRESH};
use crate::columns::Columns;
use crate::moment::{span, span_ms};
use crate::{Store, StoreError};

/// Who wants to refresh which chain, and for how long nobody else may.
#[derive(Debug, Clone, Copy)]
pub struct RefreshTurn<'a> {
    /// The portal.
    pub member_id: &'a MemberId,
    /// The user.
    pub user_id: i64,
    /// The chain's generation as the asker saw it.
    pub seen: i64,
    /// The asker.
    pub owner: &'a str,
    /// How long the right lasts.
    pub lease: Duration,
}

/// The right to refresh a chain, with the token to do it with. Whoever holds it ends it by
/// [`Store::settle_refresh`] or [`Store::release_lease`].
#[derive(Debug, Clone)]
pub struct Lease {
    /// The portal.
    pub member_id: MemberId,
    /// The user.
    pub user_id: i64,
    /// The generation that will be replaced.
    pub generation: i64,
    /// The holder, with a sign of this very lease: not even the same process may mistake one lease
    /// for another.
    pub owner: String,
    /// The refresh token to be used up.
    pub refresh: SecretString,
    /// Whether the token came with an opening, so that nothing proves whose it is (SEC-06).
    pub from_candidate: bool,
    pub(crate) id: String,
    pub(crate) candidate_at: Option<i64>,
}

impl Lease {
    /// A lease of a database that is none, for models of the protocol.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub const fn of_model(
        member_id: MemberId,
        generation: i64,
        owner: String,
        refresh: SecretString,
    ) -> Self {
        Self {
            member_id,
            user_id: 1,
            generation,
            owner,
            refresh,
            from_candidate: false,
            id: String::new(),
            candidate_at: None,
        }
    }

    pub(crate) fn name(&self) -> ChainName {
        ChainName {
            id: self.id.clone(),
            member_id: self.member_id.clone(),
            user_id: self.user_id,
        }
    }
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum Leased {
    /// It is yours.
    Granted(Box<Lease>),
    /// Somebody else refreshes, or the last try asks for patience: look again after `wait`.
    Held {
        /// The longest that it may last.
        wait: Duration,
    },
    /// The chain went on since it was looked at: its access token is fresh.
    Advanced,
    /// There is no refresh token, or none that the authority would take.
    NothingToUse,
    /// The chain is not there any more.
    Gone,
}

/// # The right to refresh a chain
impl Store {
    /// Asks for the right to refresh a chain whose generation is still the one that was seen.
    /// When it is granted, the intent is on disk: should this process die, the chain is known to
    /// be in doubt. Who takes over from such a process finds it ambiguous.
    ///
    /// # Errors
    /// A [`StoreError`]; [`StoreError::Corrupt`] where the token does not open, and then the lease
    /// runs out by itself.
    #[instrument(name = "db.credential.lease", skip_all, fields(portal.member_id = %turn.member_id, user.id = turn.user_id))]
    pub async fn lease_chain(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        let owner = format!("{}/{}", turn.owner, self.vault.new_id());
        let sql = "update credential set lease_owner = $4, lease_until = {now} + $5, \
                   status = case when intent_generation > generation then 'ambiguous' \
                     else status end, \
                   ambiguous_since = case when intent_generation > generation \
                     then coalesce(ambiguous_since, {now}) else ambiguous_since end, \
                   intent_generation = generation + 1 \
                   where member_id = $1 and user_id = $2 and generation = $3 \
                   and status in ('active', 'ambiguous') \
                   and (sealed_refresh is not null or sealed_candidate is not null) \
                   and (lease_until is null or lease_until <= {now}) \
                   returning {chain}";
        let granted = sqlx::query(self.dialect.sql(sql))
            .bind(turn.member_id.as_str())
            .bind(turn.user_id)
            .bind(turn.seen)
            .bind(owner.as_str())
            .bind(span_ms(turn.lease))
            .fetch_optional(&self.writes)
            .await?;
        match granted {
            Some(row) => Ok(Leased::Granted(Box::new(self.lease_of(&row, owner)?))),
            None => self.why_not(turn).await,
        }
    }

    fn lease_of(&self, row: &AnyRow, owner: String) -> Result<Lease, StoreError> {
        let name = ChainName::from_row(row)?;
        let columns = Columns::new(row, "credential", name.shown());
        let generation = columns.int("generation")?;
        let candidate_at = columns.maybe_int("candidate_at")?;
        let proved = self
            .vault
            .open_column(&columns, &name.place(REFRESH, generation))?;
        let from_candidate = proved.is_none();
        let refresh = match proved {
            Some(refresh) => refresh,
            None => self
                .vault
                .open_column(
                    &columns,
                    &name.place(CANDIDATE, candidate_at.unwrap_or_default()),
                )?
                .ok_or_else(|| columns.corrupt(CANDIDATE))?,
        };
        Ok(Lease {
            generation,
            owner,
            refresh,
            from_candidate,
            candidate_at,
            id: name.id,
            member_id: name.member_id,
            user_id: name.user_id,
        })
    }

    /// Looked at after the refusal, so it may have changed in between; then one more question is
    /// due at once.
    async fn why_not(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        let sql = "select generation, status, lease_until - {now} as wait, \
                   case when sealed_refresh is null and sealed_candidate is null \
                   then 0 else 1 end as usable \
                   from credential where member_id = $1 and user_id = $2";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(turn.member_id.as_str())
            .bind(turn.user_id)
            .fetch_optional(&self.reads)
            .await?;
        let Some(row) = row else {
            return Ok(Leased::Gone);
        };
        let name = format!("{}/{}", turn.member_id, turn.user_id);
        let columns = Columns::new(&row, "credential", name);
        if columns.int("generation")? != turn.seen {
            return Ok(Leased::Advanced);
        }
        let status = columns.text("status")?;
        if !columns.flag("usable")? || (status != "active" && status != "ambiguous") {
            return Ok(Leased::NothingToUse);
        }
        Ok(Leased::Held {
            wait: span(columns.maybe_int("wait")?.unwrap_or_default()),
        })
    }
}
