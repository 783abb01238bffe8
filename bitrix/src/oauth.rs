//! Proves openings at the authorization servers (bitrix24.md §2.6, SEC-02 to SEC-05). Only servers
//! of the settings are asked, nothing of the claim is believed before they confirm it, and nobody
//! else is called.

use crmap_crm::{Access, Credential, CrmError, OpeningClaim, ProvenOpening};
use crmap_domain::MemberId;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;
use tracing::warn;
use url::Url;

use crate::address;
use crate::classify::{Failure, Kind, Said};
use crate::decode::Loose;
use crate::egress::{Egress, Encoding};
use crate::envelope;
use crate::settings::Settings;

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
enum Verdict {
    /// It is settled, one way or the other.
    Settled(Result<ProvenOpening, CrmError>),
    /// This server does not know the token; another one may.
    Stranger,
    /// No sensible answer.
    Silent(CrmError),
}

/// Asks the servers in their order until one of them settles the matter.
pub(crate) async fn prove(
    egress: &Egress,
    settings: &Settings,
    claim: &OpeningClaim,
    now: OffsetDateTime,
) -> Result<ProvenOpening, CrmError> {
    let deadline = Instant::now() + settings.timeouts.proof;
    let mut silence = None;
    let mut asked = 0_u32;
    for (index, server) in settings.oauth_servers.iter().enumerate() {
        // Each server gets its share of the time, so that one that hangs does not use it all up.
        let left = u32::try_from(settings.oauth_servers.len() - index).unwrap_or(u32::MAX);
        let share = Instant::now() + deadline.saturating_duration_since(Instant::now()) / left;
        asked += 1;
        match ask(egress, settings, server, claim, now, share).await {
            Verdict::Settled(result) => return result,
            Verdict::Stranger => {}
            Verdict::Silent(error) => {
                warn!(server = %address::host_and_port(server), %error, "no proof to be had");
                silence = Some(Box::new(error));
            }
        }
    }
    match silence {
        None if asked > 0 => Err(not_proved("the token is not known")),
        source => Err(CrmError::ProofUnavailable { source }),
    }
}

async fn ask(
    egress: &Egress,
    settings: &Settings,
    server: &Url,
    claim: &OpeningClaim,
    now: OffsetDateTime,
    deadline: Instant,
) -> Verdict {
    let Ok(url) = server.join("rest/app.info") else {
        return Verdict::Silent(CrmError::WrongAddress {
            reason: "it is not an address",
        });
    };
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("auth", claim.access_token.expose_secret())
        .finish()
        .into_bytes();
    let opened = match egress.post(url, Encoding::Form, body, deadline).await {
        Ok(answer) => envelope::open(METHOD, &answer),
        Err(error) => return Verdict::Silent(error),
    };
    match opened {
        Ok(envelope) => match serde_json::from_str::<Wire<'_>>(envelope.result.get()) {
            Ok(wire) => Verdict::Settled(confirmed(&wire, egress, settings, claim, now)),
            Err(_) => Verdict::Silent(CrmError::Malformed {
                method: METHOD.to_owned(),
                place: "result".to_owned(),
            }),
        },
        Err(Failure::Said(said)) => refused(said.without(claim.access_token.expose_secret())),
        Err(Failure::Fault(error)) => Verdict::Silent(error),
    }
}

fn refused(said: Said) -> Verdict {
    match said.kind {
        Kind::Unknown | Kind::Revoked | Kind::Credentials => Verdict::Stranger,
        Kind::Expired | Kind::NotPaid | Kind::Restricted | Kind::Deleted => {
            Verdict::Settled(Err(said.into_error(METHOD, false)))
        }
        Kind::NoRights | Kind::Scope(_) | Kind::HttpsRequired => {
            Verdict::Settled(Err(not_proved("the authority refuses the token")))
        }
        Kind::Other if said.status == 404 => Verdict::Stranger,
        Kind::Other if said.status < 500 => {
            Verdict::Settled(Err(not_proved("the authority refuses the token")))
        }
        _ => Verdict::Silent(said.into_error(METHOD, false)),
    }
}

/// Compares what the authority says with the claim. Types are as strict as contents here: an
/// answer that has to be guessed at proves nothing.
fn confirmed(
    wire: &Wire<'_>,
    egress: &Egress,
    settings: &Settings,
    claim: &OpeningClaim,
    now: OffsetDateTime,
) -> Result<ProvenOpening, CrmError> {
    let install = wire
        .install
        .and_then(|raw| serde_json::from_str::<Install>(raw.get()).ok());
    let install = install.ok_or_else(|| not_proved("the authority names no portal"))?;
    if settings.client_id.is_empty() || exact(&wire.client_id) != Some(settings.client_id.as_str())
    {
        return Err(not_proved("the token belongs to another application"));
    }
    let member_id = exact(&install.member_id).and_then(|text| MemberId::parse(text).ok());
    let member_id = member_id.filter(|id| *id == claim.member_id);
    let member_id = member_id.ok_or_else(|| not_proved("the token belongs to another portal"))?;
    let claimed = address::comparable(&claim.address);
    let domain = exact(&install.domain).map(address::comparable);
    if claimed.is_empty() || domain.as_ref() != Some(&claimed) {
        return Err(not_proved("the portal has another address"));
    }
    let user_id = wire.user_id.int().filter(|id| *id > 0);
    let user_id = user_id.ok_or_else(|| not_proved("the authority names no user"))?;
    let expires = exact(&wire.expires).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let expires_at = expires.ok_or_else(|| not_proved("the authority tells no time of expiry"))?;
    if expires_at <= now {
        return Err(CrmError::Expired);
    }
    let endpoint = endpoint(&install, egress, &claimed)?;
    Ok(ProvenOpening {
        member_id: member_id.clone(),
        address: address::host_and_port(&endpoint),
        origin: address::origin(&endpoint),
        access: Access {
            base: endpoint.into(),
            credential: Credential::Token(claim.access_token.clone()),
            member_id: Some(member_id),
        },
        user_id,
        expires_at,
    })
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

fn not_proved(reason: &'static str) -> CrmError {
    CrmError::NotProved { reason }
}
