//! `app.info` at an authorization server: whose a token is, and where its account lives
//! (bitrix24.md §2.6).

use crmap_crm::{Access, Credential, CrmError, ProvenOpening};
use crmap_domain::MemberId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;
use url::Url;

use super::{Authorities, Expected, not_proved};
use crate::address;
use crate::classify::{Failure, Kind, Said};
use crate::decode::Loose;
use crate::egress::{Egress, Post};
use crate::envelope::{self, Envelope};
use crate::figures;
use crate::record::{self, Heard, Owner, Record};

const METHOD: &str = "app.info";

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default)]
    client_id: Loose,
    #[serde(default)]
    expires: Loose,
    #[serde(default)]
    user_id: Loose,
    #[serde(borrow, default)]
    install: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Install {
    #[serde(default)]
    domain: Loose,
    #[serde(default)]
    client_endpoint: Loose,
    #[serde(default)]
    member_id: Loose,
}

/// What one server has to say.
pub(super) enum Verdict {
    /// It is settled, one way or the other.
    Settled(Result<ProvenOpening, CrmError>),
    /// This server does not know the token; another one may.
    Stranger {
        /// What it says instead.
        code: String,
    },
    /// No sensible answer.
    Silent(CrmError),
}

impl Verdict {
    /// What operators count it as.
    const fn word(&self) -> &'static str {
        match self {
            Self::Settled(Ok(_)) => "proved",
            Self::Settled(Err(_)) => "refused",
            Self::Stranger { .. } => "unknown",
            Self::Silent(_) => "silent",
        }
    }
}

impl Authorities<'_> {
    /// Asks one server about a token.
    pub(super) async fn ask(
        &self,
        server: &Url,
        expected: &Expected<'_>,
        deadline: Instant,
    ) -> Verdict {
        let Ok(url) = server.join("rest/app.info") else {
            return Verdict::Silent(CrmError::WrongAddress {
                reason: "it is not an address",
            });
        };
        let secrets = [expected.token.expose_secret()];
        let post = Post::form(url, &[("auth", secrets[0])]);
        let record = Record::begin(self.context, METHOD.to_owned(), &post, &secrets);
        let egress = &self.context.egress;
        let posted = match expected.seat {
            Some(seat) => egress.post_from(seat, post, deadline).await,
            None => egress.post(post, deadline).await,
        };
        let (answer, verdict, error) = match posted {
            Ok(answer) => {
                let opened = envelope::open(METHOD, &answer).map_err(|failure| match failure {
                    Failure::Said(said) => Failure::Said(said.without(secrets[0])),
                    fault @ Failure::Fault(_) => fault,
                });
                let error = opened.as_ref().err().map(record::code);
                (Some(answer), self.verdict(opened, server, expected), error)
            }
            Err(error) => {
                let word = record::word(&error).to_owned();
                (None, Verdict::Silent(error), Some(word))
            }
        };
        figures::proof(verdict.word());
        if let Some((record, owner)) = record.zip(owner(&verdict, expected)) {
            let answer = answer.as_ref();
            record.end(&owner, Heard { answer, error }, &secrets);
        }
        verdict
    }

    pub(super) fn verdict(
        &self,
        opened: Result<Envelope, Failure>,
        server: &Url,
        expected: &Expected<'_>,
    ) -> Verdict {
        match opened {
            Ok(envelope) => match serde_json::from_str::<Wire<'_>>(envelope.result.get()) {
                Ok(wire) => Verdict::Settled(self.confirmed(&wire, server, expected)),
                Err(_) => Verdict::Silent(CrmError::Malformed {
                    method: METHOD.to_owned(),
                    place: "result".to_owned(),
                }),
            },
            Err(Failure::Said(said)) => refused(said),
            Err(Failure::Fault(error)) => Verdict::Silent(error),
        }
    }

    /// Compares what the authority says with what is expected. Types are as strict as contents
    /// here: an answer that has to be guessed at proves nothing.
    fn confirmed(
        &self,
        wire: &Wire<'_>,
        server: &Url,
        expected: &Expected<'_>,
    ) -> Result<ProvenOpening, CrmError> {
        let install = wire
            .install
            .and_then(|raw| serde_json::from_str::<Install>(raw.get()).ok());
        let install = install.ok_or_else(|| not_proved("the authority names no portal"))?;
        let ours = self.context.settings.client_id.as_str();
        if ours.is_empty() || exact(&wire.client_id) != Some(ours) {
            return Err(not_proved("the token belongs to another application"));
        }
        let member_id = exact(&install.member_id).and_then(|text| MemberId::parse(text).ok());
        let member_id = member_id
            .filter(|id| expected.member_id.is_none_or(|expected| expected == id))
            .ok_or_else(|| not_proved("the token belongs to another portal"))?;
        let domain = domain(&install, expected.address)?;
        let user_id = wire.user_id.int().filter(|id| *id > 0);
        let user_id = user_id.ok_or_else(|| not_proved("the authority names no user"))?;
        let expires_at = expiry(&wire.expires, self.now())?;
        let endpoint = endpoint(&install, &self.context.egress, &domain)?;
        Ok(ProvenOpening {
            member_id: member_id.clone(),
            address: address::host_and_port(&endpoint),
            origin: address::origin(&endpoint),
            access: access(endpoint, expected.token, member_id, user_id),
            user_id,
            expires_at,
            authority: server.to_string(),
        })
    }
}

/// Whose record a question belongs into. What only an opening claims is nobody's before it is
/// proved: anybody can claim anything.
fn owner<'a>(verdict: &'a Verdict, expected: &Expected<'a>) -> Option<Owner<'a>> {
    if let Verdict::Settled(Ok(proven)) = verdict {
        return Some(Owner {
            member_id: &proven.member_id,
            user_id: Some(proven.user_id),
        });
    }
    let member_id = expected.member_id.filter(|_| expected.address.is_none())?;
    Some(Owner {
        member_id,
        user_id: None,
    })
}

fn refused(said: Said) -> Verdict {
    match said.kind {
        Kind::Unknown | Kind::Revoked | Kind::NotInstalled | Kind::Credentials => {
            Verdict::Stranger { code: said.code }
        }
        Kind::Expired | Kind::NotPaid | Kind::Restricted | Kind::Deleted => {
            Verdict::Settled(Err(said.into_error(METHOD, false)))
        }
        Kind::NoRights | Kind::Scope(_) | Kind::HttpsRequired => {
            Verdict::Settled(Err(not_proved("the authority refuses the token")))
        }
        Kind::Other if said.status == 404 => Verdict::Stranger { code: said.code },
        Kind::Other if said.status < 500 => {
            Verdict::Settled(Err(not_proved("the authority refuses the token")))
        }
        _ => Verdict::Silent(said.into_error(METHOD, false)),
    }
}

/// The portal's address by the authority, which has to be the expected one where one is.
fn domain(install: &Install, expected: Option<&str>) -> Result<String, CrmError> {
    let wrong = || not_proved("the portal has another address");
    let domain = exact(&install.domain).map(address::comparable);
    let domain = domain.filter(|domain| !domain.is_empty());
    let domain = domain.ok_or_else(wrong)?;
    match expected {
        Some(expected) if address::comparable(expected) != domain => Err(wrong()),
        _ => Ok(domain),
    }
}

fn expiry(wire: &Loose, now: OffsetDateTime) -> Result<OffsetDateTime, CrmError> {
    let expires = exact(wire).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let expires_at = expires.ok_or_else(|| not_proved("the authority tells no time of expiry"))?;
    if expires_at > now {
        Ok(expires_at)
    } else {
        Err(CrmError::Expired)
    }
}

fn access(endpoint: Url, token: &SecretString, member_id: MemberId, user_id: i64) -> Access {
    Access {
        base: endpoint.into(),
        credential: Credential::Token(token.clone()),
        member_id: Some(member_id),
        user_id: Some(user_id),
    }
}

/// The portal's interface, which must lie at the proven address and be one that may be called.
fn endpoint(install: &Install, egress: &Egress, domain: &str) -> Result<Url, CrmError> {
    let wrong = || not_proved("the authority gives no address to call");
    let endpoint = exact(&install.client_endpoint).and_then(|text| Url::parse(text).ok());
    let endpoint = endpoint.ok_or_else(wrong)?;
    egress.check(&endpoint).map_err(|_| wrong())?;
    if endpoint.query().is_some() || endpoint.fragment().is_some() {
        return Err(wrong());
    }
    if address::comparable(&address::host_and_port(&endpoint)) != domain {
        return Err(not_proved(
            "the authority's two addresses of the portal differ",
        ));
    }
    Ok(endpoint)
}

fn exact(value: &Loose) -> Option<&str> {
    match value {
        Loose::Text(text) => Some(text),
        _ => None,
    }
}
