//! Calls methods of one portal: puts the credentials into place, keeps to the portal's limits and
//! repeats what may be repeated. A call that only reads may be repeated after any failure; one that
//! writes only where the portal says that nothing was executed, because after any other failure
//! nobody knows what was.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use crmap_crm::{Access, Credential, CrmError};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::{debug, info};
use url::Url;

use crate::address;
use crate::classify::{Failure, Kind, Said};
use crate::context::Context;
use crate::egress::Encoding;
use crate::envelope::{self, Envelope};
use crate::limits::{Lane, pause};
use crate::settings::Pace;
use crate::webhook;

/// One portal with one credential.
pub(crate) struct Channel {
    context: Context,
    lane: Arc<Lane>,
    base: Url,
    address: String,
    credential: Credential,
}

/// One method to call.
pub(crate) struct Call<'a> {
    method: &'a str,
    params: Map<String, Value>,
    effect: Effect,
}

/// What a call does to the portal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    Writes,
}

impl<'a> Call<'a> {
    /// A call that may be repeated at will.
    pub(crate) fn reading(method: &'a str, params: Map<String, Value>) -> Self {
        Self {
            method,
            params,
            effect: Effect::Reads,
        }
    }

    /// A call that changes something.
    pub(crate) fn writing(method: &'a str, params: Map<String, Value>) -> Self {
        Self {
            method,
            params,
            effect: Effect::Writes,
        }
    }
}

impl Channel {
    /// The way to the portal that `access` opens.
    pub(crate) fn new(context: &Context, access: &Access) -> Result<Self, CrmError> {
        let wrong = |reason| CrmError::WrongAddress { reason };
        let base = Url::parse(&access.base).map_err(|_| wrong("it is not an address"))?;
        // The code becomes part of an address and must not be able to change its meaning.
        if let Credential::Webhook { code, .. } = &access.credential
            && !webhook::is_code(code.expose_secret())
        {
            return Err(wrong("the code in it is not one"));
        }
        context.egress.check(&base)?;
        let base = rest_base(base)?;
        let address = address::host_and_port(&base);
        Ok(Self {
            lane: context.lanes.lane(&address),
            context: context.clone(),
            base,
            address,
            credential: access.credential.clone(),
        })
    }

    /// The portal's address: host, with the port where it is not the usual one.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Whether the credential is a webhook.
    pub(crate) fn is_webhook(&self) -> bool {
        matches!(self.credential, Credential::Webhook { .. })
    }

    /// The limits of the portal.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// Calls a method, as often as it takes and is allowed, until `deadline`.
    pub(crate) async fn call(
        &self,
        call: Call<'_>,
        deadline: Instant,
    ) -> Result<Envelope, Failure> {
        let Call {
            method,
            params,
            effect,
        } = call;
        let url = self.url(method)?;
        let body = self.body(method, params)?;
        let mut patience = Patience::new(&self.context.settings.pace, effect);
        loop {
            self.lane.wait_for(method, deadline).await?;
            let failure = match self.once(method, url.clone(), body.clone(), deadline).await {
                Ok(envelope) => {
                    if let Some(reset) = envelope.times.reset {
                        self.lane.note_reset(method, reset);
                    }
                    return Ok(envelope);
                }
                Err(failure) => failure,
            };
            let Some(wait) = patience.wait_after(&failure, method, &self.lane) else {
                return Err(failure);
            };
            if Instant::now() + wait > deadline {
                return Err(out_of_time(failure, wait));
            }
            let wait_ms = wait.as_millis();
            info!(portal.address = %self.address, method, wait_ms, "repeating a call");
            pause(wait, deadline).await?;
        }
    }

    async fn once(
        &self,
        method: &str,
        url: Url,
        body: Vec<u8>,
        deadline: Instant,
    ) -> Result<Envelope, Failure> {
        let _seat = self.lane.enter(deadline).await?;
        let started = Instant::now();
        let posted = self
            .context
            .egress
            .post(url, Encoding::Json, body, deadline);
        let outcome = match posted.await {
            Ok(answer) => envelope::open(method, &answer),
            Err(error) => Err(Failure::Fault(error)),
        };
        let duration_ms = started.elapsed().as_millis();
        debug!(portal.address = %self.address, method, duration_ms, ok = outcome.is_ok(), "called");
        outcome.map_err(|failure| self.without_secrets(failure))
    }

    fn url(&self, method: &str) -> Result<Url, CrmError> {
        let path = match &self.credential {
            Credential::Token(_) => method.to_owned(),
            Credential::Webhook { user_id, code } => {
                format!("{user_id}/{}/{method}", code.expose_secret())
            }
        };
        self.base.join(&path).map_err(|_| CrmError::WrongAddress {
            reason: "it is not an address",
        })
    }

    /// A token goes into the body, never into the address: addresses end up in logs.
    fn body(&self, method: &str, mut params: Map<String, Value>) -> Result<Vec<u8>, CrmError> {
        if let Credential::Token(token) = &self.credential {
            params.insert("auth".to_owned(), Value::from(token.expose_secret()));
        }
        serde_json::to_vec(&params).map_err(|_| CrmError::Malformed {
            method: method.to_owned(),
            place: "request".to_owned(),
        })
    }

    fn without_secrets(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Said(said) => Failure::Said(self.scrubbed(said)),
            other => other,
        }
    }

    /// A portal may repeat in its words what it was sent.
    pub(crate) fn scrubbed(&self, said: Said) -> Said {
        said.without(match &self.credential {
            Credential::Token(token) => token.expose_secret(),
            Credential::Webhook { code, .. } => code.expose_secret(),
        })
    }
}

/// A base ends with a slash and has neither query nor fragment, so that methods can be appended.
fn rest_base(mut base: Url) -> Result<Url, CrmError> {
    if base.query().is_some() || base.fragment().is_some() {
        return Err(CrmError::WrongAddress {
            reason: "it has a query or a fragment",
        });
    }
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    Ok(base)
}

fn out_of_time(failure: Failure, wait: Duration) -> Failure {
    match failure {
        Failure::Said(said) if matches!(said.kind, Kind::Throttled | Kind::OperatingLimit) => {
            Failure::Fault(CrmError::RateLimited {
                retry_after: Some(wait),
            })
        }
        other => other,
    }
}

/// How long to wait before a repetition, if there may be one.
struct Patience {
    throttled: ExponentialBackoff,
    broken: ExponentialBackoff,
}

impl Patience {
    fn new(pace: &Pace, effect: Effect) -> Self {
        let broken_retries = match effect {
            Effect::Reads => pace.broken_retries,
            Effect::Writes => 0,
        };
        let waits = ExponentialBuilder::new().with_max_delay(pace.longest_wait);
        Self {
            throttled: waits
                .with_min_delay(pace.throttled_wait)
                .without_max_times()
                .build(),
            broken: waits
                .with_min_delay(pace.broken_wait)
                .with_max_times(broken_retries)
                .build(),
        }
    }

    fn wait_after(&mut self, failure: &Failure, method: &str, lane: &Lane) -> Option<Duration> {
        match failure {
            Failure::Said(said) => match said.kind {
                // Nothing was executed, and the portal expects to be asked again.
                Kind::Throttled => self.throttled.next().map(jittered),
                Kind::Broken => self.broken.next().map(jittered),
                // Without knowing when the method is free again, asking only prolongs the block.
                Kind::OperatingLimit => lane
                    .block(method, said.reset)
                    .map(|until| until.saturating_duration_since(Instant::now())),
                _ => None,
            },
            Failure::Fault(error) => match error {
                CrmError::Unreachable { .. } | CrmError::PortalFailed { .. } => {
                    self.broken.next().map(jittered)
                }
                // An answer that was cut short looks like one that was never right.
                CrmError::Malformed { place, .. } if place == "answer" => {
                    self.broken.next().map(jittered)
                }
                _ => None,
            },
        }
    }
}

/// Full jitter: callers that were refused together do not come back together.
fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::random_range(0.0..=1.0))
}
