//! New tokens for old ones (bitrix24.md §2.4, §2.5; security.md §4). A refresh token works once, so
//! it is sent once: whatever happens after that is told as exactly as it is known.
//!
//! What the answer means, by its `error` first and its status second, whatever the other says:
//!
//! | answer | means |
//! |---|---|
//! | `invalid_grant`, `invalid_token`, `expired_token`, `bad_verification_code`, `authorization_error`, `NO_AUTH_FOUND` | [`RefreshError::Rejected`] |
//! | `NOT_INSTALLED`, `APPLICATION_NOT_FOUND`, `ERROR_OAUTH` | [`RefreshError::NotInstalled`] |
//! | `invalid_client`, `wrong_client` | [`RefreshError::ClientRefused`] |
//! | `PAYMENT_REQUIRED` and sentences about plans, 402 | [`RefreshError::NotPaid`] |
//! | `PORTAL_DELETED`, 410, and 404 without a code | [`RefreshError::Gone`] |
//! | everything else, `invalid_request` and unknown codes of 4xx among it | [`RefreshError::Ambiguous`] |
//!
//! An `invalid_request` is our own fault or a change at the server. It says nothing of the token, so
//! nobody loses a connection over it.

use crmap_crm::{CrmError, FreshTokens, ProvenOpening, RefreshError, RefreshRequest};
use crmap_domain::MemberId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::Duration;
use tokio::time::{Instant, sleep};
use tracing::warn;
use url::Url;

use super::info::Verdict;
use super::{Authorities, Expected, not_proved};
use crate::address;
use crate::classify::{Kind, Said};
use crate::decode::Loose;
use crate::egress::{Answer, Post};
use crate::envelope;
use crate::record::{Heard, Owner, Record};

const METHOD: &str = "oauth/token";
const LONGEST_TOKEN: usize = 4 * 1024;
/// What an access token lasts where the answer does not say (bitrix24.md §2.4).
const USUAL_LIFE: i64 = 3_600;
const LONGEST_LIFE: i64 = 24 * 3_600;
/// How often a server is asked whose the new pair is, where its answer did not say.
const QUESTIONS: u32 = 3;

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    access_token: Loose,
    #[serde(default)]
    refresh_token: Loose,
    #[serde(default)]
    expires_in: Loose,
    #[serde(default)]
    member_id: Loose,
    #[serde(default)]
    user_id: Loose,
    #[serde(default)]
    client_endpoint: Loose,
    #[serde(default)]
    error: Loose,
    #[serde(default)]
    error_description: Loose,
}

/// A pair of which the owner may not be known yet.
pub(super) struct Pair {
    pub(super) access_token: SecretString,
    refresh_token: SecretString,
    pub(super) expires_in: Duration,
    pub(super) member_id: Option<MemberId>,
    pub(super) user_id: Option<i64>,
    pub(super) endpoint: Option<Url>,
}

impl Authorities<'_> {
    /// Uses a refresh token up at the server that knows it.
    pub(crate) async fn refresh(
        &self,
        request: &RefreshRequest,
    ) -> Result<FreshTokens, RefreshError> {
        let Some(secret) = &self.context.settings.client_secret else {
            let error = not_proved("the application's secret is not set");
            return Err(RefreshError::NotSent(error));
        };
        let deadline = Instant::now() + self.context.settings.timeouts.refresh;
        if let Some(authority) = &request.authority {
            let server = self.named(authority).ok_or_else(|| {
                let reason = "it is not an authorization server of ours";
                RefreshError::NotSent(CrmError::WrongAddress { reason })
            })?;
            return self
                .refresh_at(server, secret, &request.refresh_token, deadline)
                .await;
        }
        self.refresh_anywhere(secret, &request.refresh_token, deadline)
            .await
    }

    /// Asks the servers in their order; the next one only where the one before certainly does not
    /// know the token and therefore has not used it up.
    async fn refresh_anywhere(
        &self,
        secret: &SecretString,
        token: &SecretString,
        deadline: Instant,
    ) -> Result<FreshTokens, RefreshError> {
        let mut strange = None;
        for (index, server) in self.context.settings.oauth_servers.iter().enumerate() {
            let share = self.share(deadline, index);
            match self.refresh_at(server, secret, token, share).await {
                Err(error) if is_strange(&error) => strange = Some(telling(strange, error)),
                settled => return settled,
            }
        }
        Err(strange.unwrap_or_else(|| {
            RefreshError::NotSent(not_proved("there is no authorization server"))
        }))
    }

    async fn refresh_at(
        &self,
        server: &Url,
        secret: &SecretString,
        token: &SecretString,
        deadline: Instant,
    ) -> Result<FreshTokens, RefreshError> {
        let Ok(url) = server.join("oauth/token/") else {
            let reason = "it is not an address";
            return Err(RefreshError::NotSent(CrmError::WrongAddress { reason }));
        };
        let secrets = [secret.expose_secret(), token.expose_secret()];
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.context.settings.client_id),
            ("client_secret", secrets[0]),
            ("refresh_token", secrets[1]),
        ];
        let post = Post::form(url, &fields);
        let record = Record::begin(self.context, METHOD.to_owned(), &post, &secrets);
        let posted = self.context.egress.post_once(post, deadline);
        let answer = posted.await.map_err(|silence| match silence.sent {
            true => RefreshError::Ambiguous(silence.error),
            false => RefreshError::NotSent(silence.error),
        })?;
        let pair = understood(&answer, &secrets)?;
        let fresh = self.owned(pair, server, deadline).await?;
        // Whose a token is that was refused, only the caller knows.
        if let Some(record) = record {
            let owner = Owner {
                member_id: &fresh.member_id,
                user_id: Some(fresh.user_id),
            };
            let [secret, old] = secrets;
            let new = fresh.access_token.expose_secret();
            let renews = fresh.refresh_token.expose_secret();
            let secrets = [secret, old, new, renews];
            let heard = Heard {
                answer: Some(&answer),
                error: None,
            };
            record.end(&owner, heard, &secrets);
        }
        Ok(fresh)
    }

    /// The pair with its owner. What the answer leaves out, the server is asked for with the new
    /// access token; a pair whose owner stays unknown is worth nothing.
    async fn owned(
        &self,
        pair: Pair,
        server: &Url,
        deadline: Instant,
    ) -> Result<FreshTokens, RefreshError> {
        let (member_id, user_id, endpoint) = match (pair.member_id, pair.user_id, pair.endpoint) {
            (Some(member_id), Some(user_id), Some(endpoint)) => (member_id, user_id, endpoint),
            (member_id, user_id, endpoint) => {
                let proven = self
                    .owner(&pair.access_token, member_id.as_ref(), server, deadline)
                    .await
                    .map_err(RefreshError::Ambiguous)?;
                let said = Url::parse(&proven.access.base).ok();
                let user_id = user_id.unwrap_or(proven.user_id);
                let endpoint = endpoint
                    .or(said)
                    .ok_or_else(|| malformed("client_endpoint"))?;
                (proven.member_id, user_id, endpoint)
            }
        };
        self.context
            .egress
            .check(&endpoint)
            .map_err(RefreshError::Ambiguous)?;
        Ok(FreshTokens {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token,
            expires_in: pair.expires_in,
            member_id,
            user_id,
            address: address::host_and_port(&endpoint),
            base: endpoint.into(),
        })
    }

    /// Whose an access token is. This only reads, so it may be asked again.
    async fn owner(
        &self,
        token: &SecretString,
        member_id: Option<&MemberId>,
        server: &Url,
        deadline: Instant,
    ) -> Result<ProvenOpening, CrmError> {
        let expected = Expected {
            token,
            member_id,
            address: None,
            seat: None,
        };
        let mut question = 1;
        loop {
            let error = match self.ask(server, &expected, deadline).await {
                Verdict::Settled(result) => return result,
                Verdict::Stranger { code } => CrmError::Revoked { code },
                Verdict::Silent(error) => error,
            };
            if question == QUESTIONS || Instant::now() >= deadline {
                return Err(error);
            }
            warn!(server = %address::host_and_port(server), %error, "asking again whose a new token is");
            question += 1;
            sleep(self.context.settings.pace.broken_wait).await;
        }
    }
}

/// Reads an answer of a server.
pub(super) fn understood(answer: &Answer, secrets: &[&str]) -> Result<Pair, RefreshError> {
    let status = answer.status;
    if (300..400).contains(&status) {
        return Err(RefreshError::Ambiguous(CrmError::Moved));
    }
    let Some(text) = envelope::json_object(answer) else {
        return Err(not_json(status));
    };
    let wire: Wire = serde_json::from_str(&text).map_err(|_| malformed("answer"))?;
    if !wire.error.is_empty() || status >= 400 {
        let code = wire.error.text().unwrap_or_default();
        let message = wire.error_description.text().unwrap_or_default();
        let said = Said::new(status, &code, &message);
        let said = secrets
            .iter()
            .fold(said, |said, secret| said.without_uncut(secret));
        return Err(refused(&code, said.without("")));
    }
    pair(&wire)
}

fn pair(wire: &Wire) -> Result<Pair, RefreshError> {
    let life = wire.expires_in.int().unwrap_or(USUAL_LIFE);
    let member_id = wire
        .member_id
        .text()
        .and_then(|text| MemberId::parse(&text).ok());
    let endpoint = match wire.client_endpoint.text() {
        Some(text) if !text.is_empty() => Some(base(&text)?),
        _ => None,
    };
    Ok(Pair {
        access_token: token(&wire.access_token).ok_or_else(|| malformed("access_token"))?,
        refresh_token: token(&wire.refresh_token).ok_or_else(|| malformed("refresh_token"))?,
        expires_in: Duration::seconds(life.clamp(1, LONGEST_LIFE)),
        member_id,
        user_id: wire.user_id.int().filter(|id| *id > 0),
        endpoint,
    })
}

/// Tokens are printable ASCII without spaces.
fn token(wire: &Loose) -> Option<SecretString> {
    let Loose::Text(text) = wire else { return None };
    let good = (1..=LONGEST_TOKEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| SecretString::from(text.as_str()))
}

fn base(text: &str) -> Result<Url, RefreshError> {
    Url::parse(text)
        .ok()
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| malformed("client_endpoint"))
}

/// `word` is the code as it came, `said` what may be shown of it.
fn refused(word: &str, said: Said) -> RefreshError {
    let code = said.code.clone();
    match word.trim().to_ascii_lowercase().as_str() {
        "invalid_grant"
        | "invalid_token"
        | "expired_token"
        | "bad_verification_code"
        | "authorization_error"
        | "no_auth_found" => return RefreshError::Rejected { code },
        "not_installed" | "application_not_found" | "error_oauth" => {
            return RefreshError::NotInstalled { code };
        }
        "invalid_client" | "wrong_client" => return RefreshError::ClientRefused { code },
        _ => {}
    }
    match said.kind {
        Kind::NotPaid => RefreshError::NotPaid { code },
        Kind::Deleted => RefreshError::Gone,
        _ if said.status == 404 && word.is_empty() => RefreshError::Gone,
        Kind::Throttled => RefreshError::Ambiguous(said.into_error(METHOD, false)),
        _ => RefreshError::Ambiguous(CrmError::PortalFailed {
            method: METHOD.to_owned(),
            status: said.status,
            code,
        }),
    }
}

fn not_json(status: u16) -> RefreshError {
    match status {
        404 | 410 => RefreshError::Gone,
        _ => RefreshError::Ambiguous(CrmError::NotAPortal { status }),
    }
}

fn malformed(place: &str) -> RefreshError {
    RefreshError::Ambiguous(CrmError::Malformed {
        method: METHOD.to_owned(),
        place: place.to_owned(),
    })
}

/// Whether a server that says so cannot have used the token up, and another one may know it.
fn is_strange(error: &RefreshError) -> bool {
    strangeness(error).is_some()
}

/// How much a refusal tells of the token's own account: only a server that knows the account can
/// say that the application is not installed there, while any server refuses a token or an
/// application that it has never heard of.
fn strangeness(error: &RefreshError) -> Option<u8> {
    match error {
        RefreshError::NotInstalled { .. } => Some(0),
        RefreshError::Rejected { .. } => Some(1),
        RefreshError::ClientRefused { .. } => Some(2),
        RefreshError::Gone => Some(3),
        RefreshError::NotSent(_) | RefreshError::Ambiguous(_) | RefreshError::NotPaid { .. } => {
            None
        }
    }
}

/// Of two refusals the one that tells more.
fn telling(before: Option<RefreshError>, now: RefreshError) -> RefreshError {
    match before {
        Some(before) if strangeness(&before) <= strangeness(&now) => before,
        _ => now,
    }
}
