//! Doing something with a portal by the stored rights of its people: administrators first, with a
//! fresh token where one has run out, and with the next person's where one does not serve.

use std::future::Future;
use std::sync::Arc;

use crmap_crm::{Access, Credential, CrmAccount, CrmError};
use crmap_store::{Chain, ChainStatus, Portal, StoreError};
use time::OffsetDateTime;

use crate::Services;
use crate::standing::Evidence;
use crate::tokens::NoToken;

/// How many people's rights are tried for one piece of work (REL-07).
const CHAINS_TRIED: usize = 4;

/// Why a piece of work was not done.
#[derive(Debug)]
pub(crate) enum NotDone {
    /// What it says of the portal.
    Evidence(Evidence),
    /// The database does not answer.
    Store(StoreError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What is to be done after one person's rights did not serve.
enum Next {
    /// Try the next person's.
    Person(Evidence),
    /// Nobody's will do better.
    Stop(NotDone),
}

impl Services {
    /// Does `work` in the portal with the first rights that serve.
    pub(crate) async fn with_rights<T, W, F>(&self, portal: &Portal, work: W) -> Result<T, NotDone>
    where
        W: Fn(Arc<dyn CrmAccount>) -> F,
        F: Future<Output = Result<T, CrmError>>,
    {
        let chains = self.store.chains(&portal.member_id).await?;
        let usable =
            |chain: &Chain| matches!(chain.status, ChainStatus::Active | ChainStatus::Ambiguous);
        let mut evidence = if chains.iter().any(|chain| usable(chain) && chain.restored) {
            // Of these it is not known yet what they are worth, so nothing follows for the portal.
            Evidence::AuthorityAway
        } else {
            Evidence::NoTokens("no_token".to_owned())
        };
        let usable = chains
            .into_iter()
            .filter(|chain| usable(chain) && !chain.restored);
        for chain in usable.take(CHAINS_TRIED) {
            match self.with_chain(portal, chain, &work).await {
                Ok(done) => return Ok(done),
                Err(Next::Person(learned)) => evidence = stronger(evidence, learned),
                Err(Next::Stop(not_done)) => return Err(not_done),
            }
        }
        Err(NotDone::Evidence(evidence))
    }

    async fn with_chain<T, W, F>(
        &self,
        portal: &Portal,
        mut chain: Chain,
        work: &W,
    ) -> Result<T, Next>
    where
        W: Fn(Arc<dyn CrmAccount>) -> F,
        F: Future<Output = Result<T, CrmError>>,
    {
        let mut refreshed = false;
        let mut followed = portal.base.is_none();
        let mut base = match &portal.base {
            Some(base) => base.clone(),
            // Its address was taken over by another portal, which must not see its tokens.
            None => self.new_base(portal, &chain).await?,
        };
        loop {
            if !is_fresh(&chain, self.clock.now()) {
                chain = self.refresh(portal, &chain).await?;
                refreshed = true;
            }
            let account = self.account_of(&chain, &base);
            let outcome = match account {
                Ok(account) => work(account).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(done) => return Ok(done),
                // The authority has the last word on a token that a portal does not take.
                Err(CrmError::Expired | CrmError::Revoked { .. }) if !refreshed => {
                    chain = self.refresh(portal, &chain).await?;
                    refreshed = true;
                }
                Err(CrmError::Moved) if !followed => {
                    base = self.new_base(portal, &chain).await?;
                    followed = true;
                }
                Err(error) => return Err(self.judge_failure(&chain, error).await),
            }
        }
    }

    /// The chain with a younger access token than it has now, from the authority that knows the
    /// portal.
    pub(crate) async fn fresh(&self, portal: &Portal, chain: &Chain) -> Result<Chain, NoToken> {
        let authority = Some(portal.authority.clone()).filter(|name| !name.is_empty());
        self.refresher.fresh(chain, authority).await
    }

    /// Asks the authority, and nobody else, whether a chain is good: it goes on by one step then.
    pub(crate) async fn prove_chain(&self, portal: &Portal, chain: &Chain) -> Result<(), NotDone> {
        match self.refresh(portal, chain).await {
            Ok(_) => Ok(()),
            Err(Next::Person(evidence)) => Err(NotDone::Evidence(evidence)),
            Err(Next::Stop(not_done)) => Err(not_done),
        }
    }

    async fn refresh(&self, portal: &Portal, chain: &Chain) -> Result<Chain, Next> {
        self.fresh(portal, chain)
            .await
            .map_err(|error| match error {
                NoToken::Gone => Next::Person(Evidence::NoTokens("no_token".to_owned())),
                NoToken::Ended(code) => Next::Person(Evidence::NoTokens(code)),
                NoToken::NotInstalled(code) => stop(Evidence::NotInstalled(code)),
                NoToken::ClientRefused(code) => stop(Evidence::ClientRefused {
                    code,
                    others_accepted: self.refresher.accepted_for_others(&portal.member_id),
                }),
                NoToken::NotPaid(code) => stop(Evidence::NotPaid(code)),
                NoToken::PortalGone => stop(Evidence::Gone("not_found".to_owned())),
                NoToken::AuthorityAway => Next::Person(Evidence::AuthorityAway),
                NoToken::Store(error) => Next::Stop(NotDone::Store(error)),
            })
    }

    /// Where the portal lives by now, asked of its authority and written down (SEC-08, SEC-12).
    async fn new_base(&self, portal: &Portal, chain: &Chain) -> Result<String, Next> {
        let Some(token) = &chain.access else {
            return Err(stop(Evidence::Moved));
        };
        match self.connector.prove_token(token, &portal.member_id).await {
            Ok(proven) if portal.base.as_deref() != Some(proven.access.base.as_str()) => {
                match self.follow(&proven).await {
                    Ok(Some(_)) => Ok(proven.access.base),
                    // It was removed meanwhile.
                    Ok(None) => Err(stop(Evidence::NoTokens("no_token".to_owned()))),
                    Err(error) => Err(Next::Stop(NotDone::Store(error))),
                }
            }
            Ok(_unmoved) => Err(stop(Evidence::Moved)),
            Err(CrmError::ProofUnavailable { .. }) => Err(stop(Evidence::AuthorityAway)),
            Err(error) => {
                tracing::warn!(%error, portal.member_id = %portal.member_id,
                    "a portal says that it has moved, its authority does not say where");
                Err(stop(Evidence::Moved))
            }
        }
    }

    pub(crate) fn account_of(
        &self,
        chain: &Chain,
        base: &str,
    ) -> Result<Arc<dyn CrmAccount>, CrmError> {
        let token = chain.access.clone().ok_or(CrmError::Expired)?;
        self.connector.account(&Access {
            base: base.to_owned(),
            credential: Credential::Token(token),
            member_id: Some(chain.member_id.clone()),
            user_id: Some(chain.user_id),
        })
    }

    /// What one person's failure says of that person's chain and of the portal.
    async fn judge_failure(&self, chain: &Chain, error: CrmError) -> Next {
        tracing::info!(%error, portal.member_id = %chain.member_id, portal.user = chain.user_id,
            "a person's rights did not serve");
        match evidence_of(&error) {
            Some(evidence @ Evidence::Restricted) => Next::Person(evidence),
            Some(Evidence::NoTokens(code)) => {
                if let Err(error) = self
                    .store
                    .end_chain(
                        &chain.member_id,
                        chain.user_id,
                        chain.generation,
                        chain.expires_at,
                        self.clock.now(),
                    )
                    .await
                {
                    return Next::Stop(NotDone::Store(error));
                }
                Next::Person(Evidence::NoTokens(code))
            }
            Some(evidence) => stop(evidence),
            // The person's own rights, or an answer that cannot be understood: others may fare
            // better, and the portal is there.
            None => Next::Person(Evidence::Silent(code_of(&error))),
        }
    }
}

fn stop(evidence: Evidence) -> Next {
    Next::Stop(NotDone::Evidence(evidence))
}

/// A token without a known end is tried; the portal's answer is the truth.
fn is_fresh(chain: &Chain, now: OffsetDateTime) -> bool {
    chain.access.is_some() && chain.expires_at.is_none_or(|expires_at| expires_at > now)
}

/// Of two people's failures, the one that says more of the portal.
fn stronger(first: Evidence, second: Evidence) -> Evidence {
    let weight = |evidence: &Evidence| match evidence {
        Evidence::NoTokens(_) => 0,
        Evidence::Restricted => 1,
        Evidence::AuthorityAway => 3,
        _ => 2,
    };
    if weight(&second) >= weight(&first) {
        second
    } else {
        first
    }
}

/// What an error of a portal's interface says of the portal; nothing where it says something of
/// the question alone.
pub(crate) fn evidence_of(error: &CrmError) -> Option<Evidence> {
    Some(match error {
        CrmError::NotPaid { code } => Evidence::NotPaid(code.clone()),
        CrmError::NotInstalled { code } => Evidence::NotInstalled(code.clone()),
        CrmError::Revoked { code } => Evidence::NoTokens(code.clone()),
        // A portal that takes no token for fresh has a clock that is wrong (F18).
        CrmError::Expired => Evidence::Silent("expired_token".to_owned()),
        CrmError::Restricted => Evidence::Restricted,
        CrmError::Blocked => Evidence::Blocked,
        CrmError::Moved => Evidence::Moved,
        CrmError::Gone => Evidence::Gone("PORTAL_DELETED".to_owned()),
        CrmError::ProofUnavailable { .. } => Evidence::AuthorityAway,
        CrmError::Unreachable { .. }
        | CrmError::PortalFailed { .. }
        | CrmError::NotAPortal { .. }
        | CrmError::WrongAddress { .. }
        | CrmError::RateLimited { .. } => Evidence::Silent(code_of(error)),
        CrmError::NoRights { .. }
        | CrmError::MissingScope { .. }
        | CrmError::UnknownWebhook
        | CrmError::TooLarge { .. }
        | CrmError::Malformed { .. }
        | CrmError::NotProved { .. } => return None,
    })
}

/// A short lasting name of a failure, for the record of a portal's state.
fn code_of(error: &CrmError) -> String {
    match error {
        CrmError::Unreachable { why, .. } => format!("{why:?}").to_lowercase(),
        CrmError::PortalFailed { status, code, .. } if code.is_empty() => format!("http_{status}"),
        CrmError::PortalFailed { code, .. } => code.clone(),
        CrmError::NotAPortal { status } => format!("not_a_portal_{status}"),
        CrmError::WrongAddress { .. } => "wrong_address".to_owned(),
        CrmError::RateLimited { .. } => "QUERY_LIMIT_EXCEEDED".to_owned(),
        CrmError::Malformed { .. } => "malformed".to_owned(),
        CrmError::TooLarge { .. } => "too_large".to_owned(),
        CrmError::MissingScope { .. } => "insufficient_scope".to_owned(),
        _ => "no_rights".to_owned(),
    }
}
