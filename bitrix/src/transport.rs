//! Calls methods of one portal: puts the credentials into place, keeps to the portal's limits and
//! repeats what may be repeated. A call that only reads may be repeated after any failure; one that
//! writes only where the portal says that nothing was executed, because after any other failure
//! nobody knows what was.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use crmap_crm::{Access, Credential, CrmError, Rate, Turn};
use crmap_domain::MemberId;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, info, warn};
use url::Url;

use crate::address;
use crate::classify::{Failure, Kind, Said};
use crate::context::Context;
use crate::egress::Post;
use crate::envelope::{self, Envelope};
use crate::figures;
use crate::limits::{Lane, OVERLOAD_PAUSE, pause};
use crate::record::{self, Heard, Owner, Record};
use crate::settings::Pace;
use crate::webhook;

/// A shared pace that says to wait longer than this means that the portal is blocked by hand: methods
/// are free again after an hour at most.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// A shared pace that says to wait for no time is asked no faster than this.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

/// One portal with one credential.
pub(crate) struct Channel {
    context: Context,
    lane: Arc<Lane>,
    base: Url,
    address: String,
    credential: Credential,
    member_id: Option<MemberId>,
    user_id: Option<i64>,
}

/// One method to call.
pub(crate) struct Call<'a> {
    method: &'a str,
    /// The methods inside, where it is a batch.
    inner: Vec<String>,
    params: Map<String, Value>,
    effect: Effect,
}

/// A request as it is sent, once or several times.
struct Sending<'a> {
    method: &'a str,
    inner: &'a [String],
    url: Url,
    body: Vec<u8>,
    deadline: Instant,
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
            inner: Vec::new(),
            params,
            effect: Effect::Reads,
        }
    }

    /// A call that changes something.
    pub(crate) fn writing(method: &'a str, params: Map<String, Value>) -> Self {
        Self {
            method,
            inner: Vec::new(),
            params,
            effect: Effect::Writes,
        }
    }

    /// The same call, which is a batch of these methods.
    pub(crate) fn of(mut self, inner: Vec<String>) -> Self {
        self.inner = inner;
        self
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
            member_id: access.member_id.clone(),
            user_id: access.user_id,
        })
    }

    /// The portal's address: host, with the port where it is not the usual one.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The user whose rights these are, where it is known.
    pub(crate) fn user_id(&self) -> Option<i64> {
        self.user_id
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
            inner,
            params,
            effect,
        } = call;
        let sending = Sending {
            method,
            inner: &inner,
            url: self.url(method)?,
            body: self.body(method, params)?,
            deadline,
        };
        let mut patience = Patience::new(&self.context.settings.pace, effect);
        loop {
            self.lane.wait_for(method, deadline).await?;
            let failure = match self.once(&sending).await {
                Ok(envelope) => {
                    if let Some(reset) = envelope.times.reset {
                        self.lane.note_reset(method, reset);
                    }
                    return Ok(envelope);
                }
                Err(failure) => failure,
            };
            let free = self.note_blocks(&failure, method).await;
            let Some(wait) = patience.wait_after(&failure, free) else {
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

    async fn once(&self, sending: &Sending<'_>) -> Result<Envelope, Failure> {
        let _seat = self.enter(sending).await?;
        let method = sending.method;
        let started = Instant::now();
        let secrets = [self.secret()];
        let post = Post::json(sending.url.clone(), sending.body.clone());
        let record = self
            .member_id
            .as_ref()
            .and_then(|_| Record::begin(&self.context, named(sending), &post, &secrets));
        let posted = self.context.egress.post(post, sending.deadline);
        let (answer, outcome) = match posted.await {
            Ok(answer) => {
                let opened = envelope::open(method, &answer);
                (Some(answer), opened)
            }
            Err(error) => (None, Err(Failure::Fault(error))),
        };
        let outcome = outcome.map_err(|failure| self.without_secrets(failure));
        let duration_ms = started.elapsed().as_millis();
        debug!(portal.address = %self.address, method, duration_ms, ok = outcome.is_ok(), "called");
        figures::asked(method, outcome.as_ref().err(), started.elapsed());
        if let Some((record, member_id)) = record.zip(self.member_id.as_ref()) {
            let user_id = self.user_id;
            let owner = Owner { member_id, user_id };
            let heard = Heard {
                answer: answer.as_ref(),
                error: outcome.as_ref().err().map(record::code),
            };
            record.end(&owner, heard, &secrets);
        }
        outcome
    }

    /// Waits for a seat, for our own bucket and for that of all processes together.
    async fn enter(&self, sending: &Sending<'_>) -> Result<SemaphorePermit<'_>, CrmError> {
        let pace = &self.context.settings.pace;
        let rate = Rate {
            burst: pace.burst,
            refill: pace.refill,
        };
        let single = [sending.method.to_owned()];
        let methods = if sending.inner.is_empty() {
            &single
        } else {
            sending.inner
        };
        loop {
            let seat = self.lane.enter(sending.deadline).await?;
            let turn = self.context.shared_pace.turn(&self.address, methods, rate);
            let turn = timeout_at(sending.deadline, turn).await;
            match turn.map_err(|_| CrmError::RateLimited { retry_after: None })? {
                Turn::Go => return Ok(seat),
                // No other block lasts as long.
                Turn::Wait(wait) if wait > LONGEST_WAIT => return Err(CrmError::Blocked),
                Turn::Wait(wait) => {
                    drop(seat);
                    pause(wait.max(SHORTEST_WAIT), sending.deadline).await?;
                }
            }
        }
    }

    /// Remembers what a refusal blocks, here and for all processes; tells when the method is free
    /// again, where that is known.
    async fn note_blocks(&self, failure: &Failure, method: &str) -> Option<Instant> {
        let Failure::Said(said) = failure else {
            return None;
        };
        match said.kind {
            Kind::OperatingLimit => self.block(method, said.reset).await,
            Kind::Overloaded => {
                self.stop().await;
                None
            }
            _ => None,
        }
    }

    /// Notes that a method has used up its time (REL-17).
    pub(crate) async fn block(&self, method: &str, reset: Option<Duration>) -> Option<Instant> {
        let until = self.lane.block(method, reset)?;
        let time = until.saturating_duration_since(Instant::now());
        let shared = &self.context.shared_pace;
        shared.block(&self.address, method, time).await;
        Some(until)
    }

    /// Notes that the whole portal was blocked by hand (REL-19).
    pub(crate) async fn stop(&self) {
        warn!(portal.address = %self.address, "REST is blocked for overload, leaving it alone");
        self.lane.stop(OVERLOAD_PAUSE);
        let shared = &self.context.shared_pace;
        shared.block(&self.address, "", OVERLOAD_PAUSE).await;
    }

    fn secret(&self) -> &str {
        match &self.credential {
            Credential::Token(token) => token.expose_secret(),
            Credential::Webhook { code, .. } => code.expose_secret(),
        }
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
        said.without(self.secret())
    }
}

/// The method for the record, with its commands where it is a batch.
fn named(sending: &Sending<'_>) -> String {
    if sending.inner.is_empty() {
        return sending.method.to_owned();
    }
    let mut inner = sending.inner.to_vec();
    inner.dedup();
    format!("{}: {}", sending.method, inner.join(", "))
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

    /// `free` is when a blocked method is free again, where that is known.
    fn wait_after(&mut self, failure: &Failure, free: Option<Instant>) -> Option<Duration> {
        match failure {
            Failure::Said(said) => match said.kind {
                // Nothing was executed, and the portal expects to be asked again.
                Kind::Throttled => self.throttled.next().map(jittered),
                Kind::Broken => self.broken.next().map(jittered),
                // Without knowing when the method is free again, asking only prolongs the block.
                Kind::OperatingLimit => {
                    free.map(|until| until.saturating_duration_since(Instant::now()))
                }
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
