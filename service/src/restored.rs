//! After a backup was brought back: the tokens in it may have been used up since it was taken, and
//! portals may have been left. Each chain is proved by its authority, gently, before anything is done
//! by it, so that a portal that removed the application is never called and nothing comes back to
//! life (REL-29). A chain that is not proved any more is replaced when its user opens the
//! application.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crmap_store::{Chain, ChainStatus, Portal, Quota, SecretDigest, StoreError, Taken};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Services;
use crate::contained::{contained, unless_stopped};
use crate::rights::NotDone;
use crate::standing::Evidence;
use crate::worker::{GRACE, Trouble};

/// One in a second, for all processes together.
const PACE: Quota = Quota {
    burst: 1,
    per: Duration::from_secs(1),
};
/// All chains count as one.
const ALL: SecretDigest = [0; 32];
/// How long an authority is left alone when it is not to be had.
const AWAY: Duration = Duration::from_secs(30);

/// What came of looking for a chain to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// There is none.
    Nothing,
    /// It is too early.
    Wait(Duration),
    /// One was asked about, for better or worse.
    Asked,
}

/// The authorities that are not to be had, and until when each is left alone. What one of them
/// cannot answer holds up nobody else's.
#[derive(Default)]
struct Away(HashMap<String, Instant>);

impl Away {
    fn note(&mut self, authority: String, now: Instant) {
        self.0.insert(authority, now + AWAY);
    }

    fn is_left_alone(&mut self, authority: &str, now: Instant) -> bool {
        self.0.retain(|_, until| *until > now);
        self.0.contains_key(authority)
    }
}

impl Services {
    /// Proves restored chains until it is told to stop.
    pub(crate) async fn prove_restored(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::new("restored tokens");
        let mut away = Away::default();
        while !*stop.borrow() {
            let work = contained("restored tokens", self.prove_next(&mut away));
            // A refresh that is cut off here goes on by itself.
            let Some(turn) = unless_stopped(&stop, GRACE, work).await else {
                break;
            };
            let pause = match &turn {
                Ok(Turn::Asked) => Duration::ZERO,
                Ok(Turn::Wait(wait)) => *wait,
                Ok(Turn::Nothing) | Err(_) => self.settings.worker_pace,
            };
            trouble.watch(turn.map(drop));
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn prove_next(&self, away: &mut Away) -> Result<Turn, StoreError> {
        let waiting = self.store.next_restored().await?;
        let next = waiting
            .into_iter()
            .find(|(authority, _)| !away.is_left_alone(authority, Instant::now()));
        let Some((authority, chain)) = next else {
            return Ok(Turn::Nothing);
        };
        if let Taken::Wait(wait) = self.store.take_attempt("restored", &ALL, PACE).await? {
            return Ok(Turn::Wait(wait));
        }
        if let Some(portal) = self.store.portal(&chain.member_id).await?
            && !self.prove_one(&portal, &chain).await?
        {
            away.note(authority, Instant::now());
        }
        Ok(Turn::Asked)
    }

    /// Says whether the authority was to be had.
    async fn prove_one(&self, portal: &Portal, chain: &Chain) -> Result<bool, StoreError> {
        let is_served = self.serves(portal, |other| !other.restored).await?;
        let outcome = self.prove_chain(portal, chain).await;
        tracing::info!(portal.member_id = %chain.member_id, portal.user = chain.user_id,
            good = outcome.is_ok(), "a restored token was looked at");
        if outcome.is_ok() {
            self.store.note_still_installed(&chain.member_id).await?;
        }
        match outcome {
            // The authority knows the application there, so the portal may be asked too.
            Ok(()) if !is_served => self.probe(portal).await?,
            Ok(()) => {}
            Err(NotDone::Store(error)) => return Err(error),
            Err(NotDone::Evidence(Evidence::AuthorityAway)) => return Ok(false),
            Err(NotDone::Evidence(evidence)) => {
                self.store.note_proved(chain).await?;
                // Of one person's tokens it says nothing while another's may serve.
                let is_personal = matches!(evidence, Evidence::NoTokens(_));
                if !(is_personal && self.serves(portal, |_| true).await?) {
                    self.learned(portal, evidence).await?;
                }
            }
        }
        Ok(true)
    }

    /// Whether one of the portal's chains can be used that is `such`.
    async fn serves(
        &self,
        portal: &Portal,
        such: impl Fn(&Chain) -> bool,
    ) -> Result<bool, StoreError> {
        let chains = self.store.chains(&portal.member_id).await?;
        Ok(chains.iter().any(|chain| {
            matches!(chain.status, ChainStatus::Active | ChainStatus::Ambiguous) && such(chain)
        }))
    }
}
