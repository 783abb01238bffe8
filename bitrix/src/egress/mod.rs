//! The only way out of CRMAP by HTTP: one client with encryption, time limits, a limit on the size
//! of answers, few requests at one time and no redirects. It knows no method and no CRM, and leaves
//! addresses and secrets out of its errors. Where it may lead is the [`Guard`]'s to say.

mod guard;
mod reach;
mod seats;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crmap_crm::CrmError;
use crmap_domain::Unreachable;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Response};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use crate::settings::Settings;
use guard::{Guard, Names, Refused, Resolver, SystemNames};

pub(crate) use reach::{is_loopback, why_not};
pub(crate) use seats::Seat;
use seats::Seats;

/// The client and its limits.
pub(crate) struct Egress {
    client: Client,
    /// Keeps no connection, so that nothing is ever sent a second time over a fresh one.
    single: Client,
    guard: Guard,
    seats: Seats,
    first_byte: Duration,
    idle: Duration,
    request: Duration,
    largest_answer: usize,
}

/// What came back, whatever it says.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Whether the answer calls itself JSON.
    pub(crate) says_json: bool,
    /// The body after decompression.
    pub(crate) body: Vec<u8>,
}

/// Why no answer came, and whether the other side may have heard the request.
#[derive(Debug)]
pub(crate) struct Silence {
    /// What happened.
    pub(crate) error: CrmError,
    /// Whether anything of the request may have arrived.
    pub(crate) sent: bool,
}

/// The two ways in which Bitrix24 takes parameters.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// What is to be sent.
pub(crate) struct Post {
    address: Url,
    pub(crate) encoding: Encoding,
    pub(crate) body: Vec<u8>,
}

impl Post {
    /// A form with these fields. Secrets go into it, never into addresses, which end up in logs.
    pub(crate) fn form(address: Url, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        Self {
            address,
            encoding: Encoding::Form,
            body: form.extend_pairs(fields).finish().into_bytes(),
        }
    }

    /// A value in JSON.
    pub(crate) const fn json(address: Url, body: Vec<u8>) -> Self {
        Self {
            address,
            encoding: Encoding::Json,
            body,
        }
    }
}

impl Egress {
    /// The client as `settings` want it.
    pub(crate) fn new(settings: &Settings) -> Result<Self, reqwest::Error> {
        Self::with_names(settings, Arc::new(SystemNames))
    }

    /// The same with another way of resolving names.
    fn with_names(settings: &Settings, names: Arc<dyn Names>) -> Result<Self, reqwest::Error> {
        // Another part of the process may have chosen a provider before; then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(settings);
        let resolver = Resolver {
            names,
            guard: guard.clone(),
        };
        let client = builder(settings, &resolver)?
            .pool_max_idle_per_host(settings.pace.concurrency)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        let single = builder(settings, &resolver)?
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .build()?;
        Ok(Self {
            client,
            single,
            guard,
            seats: Seats::new(),
            first_byte: settings.timeouts.first_byte,
            idle: settings.timeouts.idle,
            request: settings.timeouts.request,
            largest_answer: settings.largest_answer,
        })
    }

    /// Refuses an address that may not be called.
    pub(crate) fn check(&self, address: &Url) -> Result<(), CrmError> {
        self.guard.check(address)
    }

    /// Where the proof of an opening may ask its questions from, unless too many are under way.
    pub(crate) async fn seat_of_opening(&self) -> Option<Seat<'_>> {
        self.seats.opening().await
    }

    /// Posts and takes the whole answer, within the limits and before `deadline`. It waits for its
    /// turn first.
    pub(crate) async fn post(&self, post: Post, deadline: Instant) -> Result<Answer, CrmError> {
        self.send_in_turn(&self.client, post, deadline, deadline)
            .await
            .map_err(|silence| silence.error)
    }

    /// The same for a question of an opening, which has its seat and does not wait.
    pub(crate) async fn post_from(
        &self,
        _seat: &Seat<'_>,
        post: Post,
        deadline: Instant,
    ) -> Result<Answer, CrmError> {
        self.send(&self.client, post, deadline)
            .await
            .map_err(|silence| silence.error)
    }

    /// The same for what must not arrive twice: no connection is used that might be broken, nothing
    /// is repeated at any level, and a failure tells whether the request may have arrived. Half of
    /// the time is kept for the request itself: sent too late, it could only end in doubt.
    pub(crate) async fn post_once(&self, post: Post, deadline: Instant) -> Result<Answer, Silence> {
        let now = Instant::now();
        let latest = now + deadline.saturating_duration_since(now) / 2;
        self.send_in_turn(&self.single, post, deadline, latest)
            .await
    }

    /// Sends as soon as there is a seat, and not at all when there is none until `latest`.
    async fn send_in_turn(
        &self,
        client: &Client,
        post: Post,
        deadline: Instant,
        latest: Instant,
    ) -> Result<Answer, Silence> {
        self.check(&post.address).map_err(unsent)?;
        let seat = self.seats.ordinary(latest).await;
        let mut seat = seat.ok_or_else(|| unsent(timed_out()))?;
        tokio::select! {
            biased;
            answer = self.send(client, post, deadline) => answer,
            never = self.seats.make_slow(&mut seat) => match never {},
        }
    }

    async fn send(
        &self,
        client: &Client,
        post: Post,
        deadline: Instant,
    ) -> Result<Answer, Silence> {
        self.check(&post.address).map_err(unsent)?;
        let deadline = deadline.min(Instant::now() + self.request);
        match timeout_at(deadline, self.exchange(client, post)).await {
            Ok(result) => result,
            Err(_) => Err(heard(timed_out())),
        }
    }

    async fn exchange(&self, client: &Client, post: Post) -> Result<Answer, Silence> {
        let content_type = match post.encoding {
            Encoding::Json => "application/json",
            Encoding::Form => "application/x-www-form-urlencoded",
        };
        let request = client
            .post(post.address)
            .header(CONTENT_TYPE, content_type)
            .body(post.body);
        let response = timeout(self.first_byte, request.send())
            .await
            .map_err(|_| heard(timed_out()))?
            .map_err(|error| Silence {
                sent: !error.is_connect(),
                error: unreachable(error),
            })?;
        let status = response.status().as_u16();
        let says_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().contains("json"));
        let body = self.take_body(response).await.map_err(heard)?;
        Ok(Answer {
            status,
            says_json,
            body,
        })
    }

    async fn take_body(&self, mut response: Response) -> Result<Vec<u8>, CrmError> {
        let limit = self.largest_answer;
        let mut body = Vec::new();
        loop {
            let chunk = timeout(self.idle, response.chunk())
                .await
                .map_err(|_| timed_out())?
                .map_err(unreachable)?;
            let Some(chunk) = chunk else { return Ok(body) };
            if body.len() + chunk.len() > limit {
                return Err(CrmError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
    }
}

/// What both clients have in common.
fn builder(settings: &Settings, resolver: &Resolver) -> Result<ClientBuilder, reqwest::Error> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut authorities = Vec::new();
    for pem in &settings.authorities {
        authorities.extend(Certificate::from_pem_bundle(pem.as_bytes())?);
    }
    Ok(Client::builder()
        .user_agent(&settings.user_agent)
        .default_headers(headers)
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .dns_resolver(resolver.clone())
        .https_only(!settings.allow_loopback)
        .connect_timeout(settings.timeouts.connect)
        .tls_certs_merge(authorities))
}

/// A failure after which nobody can say what arrived.
fn heard(error: CrmError) -> Silence {
    Silence { error, sent: true }
}

/// A failure before anything was sent.
fn unsent(error: CrmError) -> Silence {
    Silence { error, sent: false }
}

fn timed_out() -> CrmError {
    CrmError::Unreachable {
        why: Unreachable::Timeout,
        source: None,
    }
}

fn unreachable(error: reqwest::Error) -> CrmError {
    if let Some(Refused(reason)) = refused(&error) {
        return CrmError::WrongAddress { reason };
    }
    let why = if error.is_timeout() {
        Unreachable::Timeout
    } else if error.is_dns() {
        Unreachable::Dns
    } else if comes_from_tls(&error) {
        Unreachable::Tls
    } else {
        Unreachable::Connection
    };
    CrmError::Unreachable {
        why,
        source: Some(Box::new(error.without_url())),
    }
}

/// What the guard had against the addresses of a name.
fn refused(error: &(dyn StdError + 'static)) -> Option<Refused> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(*refused);
        }
        next = error.source();
    }
    None
}

fn comes_from_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An I/O error hides the error that it wraps from `source`.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if wrapped.is_some_and(|inner| comes_from_tls(inner)) {
            return true;
        }
        next = error.source();
    }
    false
}
