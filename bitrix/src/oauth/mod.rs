//! The authorization servers: whose a token is (bitrix24.md §2.6, SEC-02 to SEC-05), and new tokens
//! for old ones (§2.4). Only servers of the settings are asked, nothing that others claim is
//! believed before they confirm it, and nobody else is called.

#[cfg(test)]
mod fuzz;
mod info;
mod refresh;

use crmap_crm::{CrmError, OpeningClaim, ProvenOpening};
use crmap_domain::MemberId;
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::time::Instant;
use tracing::warn;
use url::Url;

use crate::address;
use crate::context::Context;
use crate::egress::Seat;
use info::Verdict;

/// The servers, and what it takes to ask them.
pub(crate) struct Authorities<'a> {
    pub(crate) context: &'a Context,
}

/// What a token has to belong to.
struct Expected<'a> {
    token: &'a SecretString,
    /// The account, where it has to be a certain one.
    member_id: Option<&'a MemberId>,
    /// The account's address, where it has to be a certain one.
    address: Option<&'a str>,
    /// Where an opening asks from; other questions take their turn.
    seat: Option<&'a Seat<'a>>,
}

/// Why nothing is proved.
enum Unproven {
    /// No server knows the token.
    Unknown {
        /// What the last of them said.
        code: String,
    },
    /// Anything else.
    Error(CrmError),
}

impl Authorities<'_> {
    /// Whether an opening is what it claims to be. Anybody can claim to open, so only a few are
    /// proved at one time (T24), and the others are asked to come again.
    pub(crate) async fn prove_opening(
        &self,
        claim: &OpeningClaim,
    ) -> Result<ProvenOpening, CrmError> {
        let seat = self.context.egress.seat_of_opening().await;
        let seat = seat.ok_or(CrmError::ProofUnavailable { source: None })?;
        let expected = Expected {
            token: &claim.access_token,
            member_id: Some(&claim.member_id),
            address: Some(&claim.address),
            seat: Some(&seat),
        };
        self.prove(&expected)
            .await
            .map_err(|unproven| match unproven {
                Unproven::Unknown { .. } => not_proved("the token is not known"),
                Unproven::Error(error) => error,
            })
    }

    /// Whether a token still belongs to an account, wherever that lives by now.
    pub(crate) async fn prove_token(
        &self,
        token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        let expected = Expected {
            token,
            member_id: Some(member_id),
            address: None,
            seat: None,
        };
        self.prove(&expected)
            .await
            .map_err(|unproven| match unproven {
                Unproven::Unknown { code } => CrmError::Revoked { code },
                Unproven::Error(error) => error,
            })
    }

    /// Asks the servers in their order until one of them settles the matter.
    async fn prove(&self, expected: &Expected<'_>) -> Result<ProvenOpening, Unproven> {
        let deadline = Instant::now() + self.context.settings.timeouts.proof;
        let mut silence = None;
        let mut unknown = None;
        for (index, server) in self.context.settings.oauth_servers.iter().enumerate() {
            let share = self.share(deadline, index);
            match self.ask(server, expected, share).await {
                Verdict::Settled(result) => return result.map_err(Unproven::Error),
                Verdict::Stranger { code } => unknown = Some(code),
                Verdict::Silent(error) => {
                    warn!(server = %address::host_and_port(server), %error, "no proof to be had");
                    silence = Some(Box::new(error));
                }
            }
        }
        Err(match (silence, unknown) {
            (None, Some(code)) => Unproven::Unknown { code },
            (source, _) => Unproven::Error(CrmError::ProofUnavailable { source }),
        })
    }

    /// Each server gets its share of the time, so that one that hangs does not use it all up.
    fn share(&self, deadline: Instant, index: usize) -> Instant {
        let left = self
            .context
            .settings
            .oauth_servers
            .len()
            .saturating_sub(index);
        let left = u32::try_from(left).unwrap_or(u32::MAX).max(1);
        Instant::now() + deadline.saturating_duration_since(Instant::now()) / left
    }

    fn now(&self) -> OffsetDateTime {
        self.context.clock.now()
    }

    /// The server of the settings that `authority` names.
    fn named(&self, authority: &str) -> Option<&Url> {
        let named = Url::parse(authority).ok()?;
        let servers = &self.context.settings.oauth_servers;
        servers.iter().find(|server| **server == named)
    }
}

fn not_proved(reason: &'static str) -> CrmError {
    CrmError::NotProved { reason }
}
