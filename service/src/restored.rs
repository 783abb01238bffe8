//! After a backup was brought back: the tokens in it may have been used up since it was taken, and
//! portals may have been left. Each chain is proved by its authority, gently, before anything is done
//! by it, so that a portal that removed the application is never called and nothing comes back to life
//! (REL-29). A chain that is not proved any more is replaced when its user opens the application.

use std::sync::Arc;
use std::time::Duration;

use crmap_store::{Chain, ChainStatus, Portal, Quota, SecretDigest, StoreError, Taken};
use tokio::sync::watch;

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
/// How long the authority is left alone when it is not to be had.
const AWAY: Duration = Duration::from_secs(30);

/// What came of looking for a chain to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// There is none.
    Nothing,
    /// It is too early.
    Wait(Duration),
    /// One was proved, for better or worse.
    Proved,
    /// The authority is not to be had.
    Away,
}

impl Services {
    /// Proves restored chains until it is told to stop.
    pub(crate) async fn prove_restored(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::new("restored tokens");
        while !*stop.borrow() {
            let work = contained("restored tokens", self.prove_next());
            // A refresh that is cut off here goes on by itself.
            let Some(turn) = unless_stopped(&stop, GRACE, work).await else {
                break;
            };
            let pause = match &turn {
                Ok(Turn::Proved) => Duration::ZERO,
                Ok(Turn::Wait(wait)) => *wait,
                Ok(Turn::Away) => AWAY,
                Ok(Turn::Nothing) | Err(_) => self.settings.worker_pace,
            };
            trouble.watch(turn.map(drop));
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn prove_next(&self) -> Result<Turn, StoreError> {
        let Some(chain) = self.store.next_restored().await? else {
            return Ok(Turn::Nothing);
        };
        if let Taken::Wait(wait) = self.store.take_attempt("restored", &ALL, PACE).await? {
            return Ok(Turn::Wait(wait));
        }
        match self.store.portal(&chain.member_id).await? {
            Some(portal) => self.prove_one(&portal, &chain).await,
            None => Ok(Turn::Proved),
        }
    }

    async fn prove_one(&self, portal: &Portal, chain: &Chain) -> Result<Turn, StoreError> {
        let is_served = self.serves(portal, |other| !other.restored).await?;
        let outcome = self.prove_chain(portal, chain).await;
        tracing::info!(portal.member_id = %chain.member_id, portal.user = chain.user_id,
            good = outcome.is_ok(), "a restored token was looked at");
        match outcome {
            // The authority knows the application there, so the portal may be asked too.
            Ok(()) if !is_served => self.probe(portal).await?,
            Ok(()) => {}
            Err(NotDone::Store(error)) => return Err(error),
            Err(NotDone::Evidence(Evidence::AuthorityAway)) => return Ok(Turn::Away),
            Err(NotDone::Evidence(evidence)) => {
                self.store.note_proved(chain).await?;
                // Of one person's tokens it says nothing while another's may serve.
                let is_personal = matches!(evidence, Evidence::NoTokens(_));
                if !(is_personal && self.serves(portal, |_| true).await?) {
                    self.learned(portal, evidence).await?;
                }
            }
        }
        Ok(Turn::Proved)
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
