//! Every request gets an identifier, which its answer and its log lines bear, and is counted.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use crmap_crm::Figure;
use crmap_service::Entropy as _;
use metrics::{Gauge, counter, gauge, histogram};
use tracing::Instrument as _;

use crate::runtime::OsEntropy;

/// The header that tells the identifier; whoever asks for help can name it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) const REQUESTS: Figure = Figure::counter(
    "crmap_http_requests_total",
    "Requests that were answered, by route, method and status.",
);
pub(crate) const SECONDS: Figure = Figure::histogram(
    "crmap_http_request_seconds",
    "Seconds until the head of an answer was there, by route.",
);
pub(crate) const IN_FLIGHT: Figure = Figure::gauge(
    "crmap_http_requests_in_flight",
    "Requests that are being worked on.",
);

/// Watches over one request. What it is called comes from us alone: an identifier of the visitor's
/// own could be a lie, or a line for our log.
pub(crate) async fn watch(request: Request, next: Next) -> Response {
    let (route, method) = (route_of(&request), method_of(&request));
    let mut id = [0; 8];
    OsEntropy.fill(&mut id);
    let id = format!("{:016x}", u64::from_be_bytes(id));
    let span =
        tracing::info_span!("request", request.id = %id, http.method = method, http.route = %route);
    let _counted = InFlight::begin();
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    histogram!(SECONDS.name, "route" => route.clone()).record(began.elapsed());
    counter!(REQUESTS.name, "route" => route, "method" => method, "status" => status.as_str().to_owned())
        .increment(1);
    span.in_scope(|| {
        let took = began.elapsed().as_millis();
        tracing::debug!(
            http.status = status.as_u16(),
            duration.ms = took,
            "answered"
        );
    });
    // Sixteen hexadecimal digits are a value.
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The address as the routes name it: no identifier, no secret, no end of different ones.
fn route_of(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("none", MatchedPath::as_str).to_owned()
}

/// A method may be any word.
fn method_of(request: &Request) -> &'static str {
    match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// A request that is being worked on; also one whose visitor goes away ends.
struct InFlight(Gauge);

impl InFlight {
    fn begin() -> Self {
        let gauge = gauge!(IN_FLIGHT.name);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
