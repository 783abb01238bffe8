//! Asking portals how they stand when it is time to, and writing down what was learned.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crmap_crm::AccountStanding;
use crmap_domain::{MemberId, Standing};
use crmap_store::{ChainStatus, Portal, StandingChange, StoreError};

use crate::Services;
use crate::audit::Act;
use crate::rights::NotDone;
use crate::standing::{Before, Evidence, judge};

/// How long one process may work on one portal before another takes it over.
const LEASE: Duration = Duration::from_secs(180);
/// How many portals one process asks at a time.
const AT_ONCE: u32 = 8;

/// # How a portal stands
impl Services {
    /// Asks the portals whose time has come. Gives how many were asked.
    ///
    /// # Errors
    /// [`StoreError`] when the database is away.
    pub(crate) async fn probe_due(self: &Arc<Self>) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let due = self
            .store
            .due_portals(&self.owner, LEASE, AT_ONCE, now)
            .await?;
        let count = due.len();
        let mut probes = tokio::task::JoinSet::new();
        for portal in due {
            let this = Arc::clone(self);
            probes.spawn(async move { this.probe(&portal).await });
        }
        while let Some(finished) = probes.join_next().await {
            match finished {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a probe could not be noted"),
                Err(panicked) => tracing::error!(%panicked, "a probe ended by a panic"),
            }
        }
        Ok(count)
    }

    /// Asks one portal now how it stands, and gives the state that follows; nothing for a portal
    /// that is not known.
    ///
    /// # Errors
    /// [`StoreError`] when the database is away.
    pub async fn check(&self, member_id: &MemberId) -> Result<Option<Standing>, StoreError> {
        let Some(portal) = self.store.portal(member_id).await? else {
            return Ok(None);
        };
        self.probe(&portal).await?;
        let portal = self.store.portal(member_id).await?;
        Ok(portal.map(|portal| Standing {
            state: portal.state,
            since: portal.state_since,
            reason: portal.reason,
        }))
    }

    /// Asks one portal with the rights that serve, and notes what it says.
    pub(crate) async fn probe(&self, portal: &Portal) -> Result<(), StoreError> {
        let answer = self
            .with_rights(portal, |account| async move { account.standing().await })
            .await;
        let learned = match answer {
            Ok(standing) => self.answered(portal, standing).await,
            Err(NotDone::Evidence(evidence)) => self.learned(portal, evidence).await,
            Err(NotDone::Store(error)) => Err(error),
        };
        self.store
            .release_probe(&portal.member_id, &self.owner)
            .await?;
        learned
    }

    async fn answered(&self, portal: &Portal, standing: AccountStanding) -> Result<(), StoreError> {
        self.store
            .note_administrator(&portal.member_id, standing.user_id, standing.administrator)
            .await?;
        self.learned(portal, Evidence::Answered).await
    }

    /// Judges what was learned of a portal and writes the verdict down.
    pub(crate) async fn learned(
        &self,
        portal: &Portal,
        evidence: Evidence,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let verdict = judge(before(portal), evidence, now, self.spread());
        if verdict.ended {
            return self.end_silently(portal).await;
        }
        let change = StandingChange {
            state: verdict.state,
            reason: verdict.reason.clone(),
            probes: verdict.probes,
            next_probe_at: verdict.next_probe,
            now,
            was: portal.state,
            seen: portal.state_since,
            hinted_at: portal.hinted_at,
        };
        // Whoever noted something else meanwhile has seen more than this.
        let noted = self.store.set_standing(&portal.member_id, &change).await?;
        if noted && verdict.state != portal.state {
            tracing::info!(portal.member_id = %portal.member_id, from = portal.state.code(),
                to = verdict.state.code(), reason = verdict.reason, "a portal's state has changed");
            let act = Act::Changed {
                from: portal.state,
                to: verdict.state,
                reason: verdict.reason,
            };
            self.note(&portal.member_id, act).await;
        }
        Ok(())
    }

    /// Whether evidence would change how the portal stands, or why.
    pub(crate) fn is_news(&self, portal: &Portal, evidence: &Evidence) -> bool {
        let verdict = judge(before(portal), evidence.clone(), self.clock.now(), 0.0);
        verdict.state != portal.state || verdict.reason != portal.reason
    }

    /// Takes up refreshes that a dead process, or a silent authority, left in doubt.
    ///
    /// # Errors
    /// [`StoreError`] when the database is away.
    pub(crate) async fn resolve_doubts(self: &Arc<Self>) -> Result<usize, StoreError> {
        let doubtful = self.store.ambiguous_chains(AT_ONCE).await?;
        let count = doubtful.len();
        let mut seen = HashSet::new();
        // One person's at a time: the next one's turn comes with the next round (REL-08).
        for chain in doubtful
            .into_iter()
            .filter(|chain| seen.insert(chain.member_id.clone()))
        {
            let Some(portal) = self.store.portal(&chain.member_id).await? else {
                continue;
            };
            let left = self.fresh(&portal, &chain).await;
            tracing::info!(portal.member_id = %chain.member_id, portal.user = chain.user_id,
                outcome = ?left.as_ref().map(|chain| chain.generation), "a doubtful token was looked at");
            if left.is_err() && self.has_no_tokens(&portal).await? {
                self.learned(&portal, Evidence::NoTokens("invalid_grant".to_owned()))
                    .await?;
            }
        }
        Ok(count)
    }

    async fn has_no_tokens(&self, portal: &Portal) -> Result<bool, StoreError> {
        let chains = self.store.chains(&portal.member_id).await?;
        Ok(!chains
            .iter()
            .any(|chain| matches!(chain.status, ChainStatus::Active | ChainStatus::Ambiguous)))
    }
}

fn before(portal: &Portal) -> Before<'_> {
    Before {
        state: portal.state,
        since: portal.state_since,
        reason: &portal.reason,
        reason_since: portal.reason_since,
        probes: portal.probes,
    }
}
