//! The REST door of a portal: faults, limits, authorization, then the method (§3).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::{Duration, Instant};

use crate::auth::{self, Caller, WebhookPath};
use crate::envelope::{self, Refusal, json_response, text_response};
use crate::faults::Effect;
use crate::http::{Call, Line};
use crate::ledger::{LedgerEntry, Presented, Server, TokenKind};
use crate::log::{AuthKind, RequestLogEntry};
use crate::methods::Context;
use crate::params::Param;
use crate::portal::Portal;
use crate::{batch, clock, methods};

/// What the path of a REST request says.
struct Target {
    webhook: Option<WebhookPath>,
    method: String,
}

/// Answers one REST request and writes it into the log.
pub(crate) async fn serve(
    State(portal): State<Arc<Portal>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (started, moment) = (Instant::now(), clock::now());
    let call = Call::read(request).await;
    if call.http_method == "OPTIONS" {
        return preflight();
    }
    let target = Target::parse(&call.path);
    let used = ledger_entry(&portal, &target, &call.params);
    let ledger = &portal.shared().ledger;
    let used = match used {
        Some(entry) => Some(ledger.begin(entry).await),
        None => None,
    };
    let caller = auth::identify(&portal, target.webhook.as_ref(), &call.params);
    let mut entry = entry_for(&call, &target, caller.as_ref().ok(), moment);
    let delay = portal.shared().latency + Duration::from_millis(portal.faults().latency_ms());
    tokio::time::sleep(delay).await;

    let effect = before(portal.faults().take_effect(&target.method)).await;
    let good = || answer(&portal, &target, &call, caller, moment);
    let end = End::of(effect, good);
    entry.duration_ms = started.elapsed().as_millis() as u64;
    (entry.status, entry.error) = (end.status, end.error.clone());
    if let Some(number) = used {
        ledger.finish(number, end.status, &end.outcome(), false);
    }
    portal.log().push(entry);
    end.send(&line).await
}

/// Waits for a delay; every other effect is left for the answer.
pub(crate) async fn before(effect: Option<Effect>) -> Option<Effect> {
    if let Some(Effect::Delay { ms }) = effect {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        return None;
    }
    effect
}

impl Target {
    fn parse(path: &str) -> Self {
        let rest = path
            .strip_prefix("/rest/")
            .unwrap_or_default()
            .trim_end_matches('/');
        let parts: Vec<&str> = rest.split('/').collect();
        let (webhook, method) = match parts.as_slice() {
            [user, code, method] => (
                Some(WebhookPath {
                    user: (*user).into(),
                    code: (*code).into(),
                }),
                *method,
            ),
            _ => (None, rest),
        };
        let method = method.strip_suffix(".json").unwrap_or(method).to_owned();
        Self { webhook, method }
    }
}

/// The use of an access token, for the ledger.
fn ledger_entry(portal: &Portal, target: &Target, params: &Param) -> Option<LedgerEntry> {
    let token = match target.webhook {
        None => params.get("auth").map(Param::text)?,
        Some(_) => return None,
    };
    let shared = portal.shared();
    let presented = Presented {
        token: &token,
        kind: TokenKind::Access,
        origin: shared.tokens.origin_of_access(&token),
        used_at: clock::iso(shared.now()),
        server: Server::Portal(portal.number()),
        method: &target.method,
    };
    Some(presented.entry())
}

fn entry_for(
    call: &Call,
    target: &Target,
    caller: Option<&Caller>,
    moment: OffsetDateTime,
) -> RequestLogEntry {
    RequestLogEntry {
        time: clock::iso(moment),
        http_method: call.http_method.clone(),
        rest_method: target.method.clone(),
        inner_methods: match target.method.as_str() {
            "batch" => batch::inner_methods(&call.params),
            _ => Vec::new(),
        },
        auth: caller.map_or(AuthKind::None, |caller| caller.kind),
        user_id: caller.map(|caller| caller.user.id),
        role: caller.map(|caller| caller.role),
        status: 0,
        error: None,
        duration_ms: 0,
        host: call.host.clone(),
    }
}

/// The honest answer: status and body.
fn answer(
    portal: &Portal,
    target: &Target,
    call: &Call,
    caller: Result<Caller, Refusal>,
    moment: OffsetDateTime,
) -> (u16, Value) {
    let outcome = portal
        .gate()
        .and(portal.bucket.admit())
        .and(caller)
        .and_then(|caller| {
            let context = Context {
                portal,
                caller: &caller,
            };
            if target.method.eq_ignore_ascii_case("batch") {
                return batch::run(&context, &call.params);
            }
            methods::call(&context, &target.method, &call.params)
        });
    match outcome {
        Ok(answer) => (200, envelope::success(answer, moment)),
        Err(refusal) => (refusal.status, refusal.body()),
    }
}

/// How a request ends on the wire.
pub(crate) struct End {
    /// 0 when nothing is answered.
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    is_json: bool,
    /// What the answer waits for.
    delay: Duration,
    shape: Shape,
}

enum Shape {
    Answered(Response),
    Hang,
    Reset,
}

impl End {
    /// The honest answer, unless an effect takes its place.
    pub(crate) fn of(effect: Option<Effect>, good: impl FnOnce() -> (u16, Value)) -> Self {
        match effect {
            None => {
                let (status, body) = good();
                Self::json(status, &body)
            }
            Some(Effect::Delay { ms }) => {
                let (status, body) = good();
                let delay = Duration::from_millis(ms);
                Self {
                    delay,
                    ..Self::json(status, &body)
                }
            }
            Some(Effect::Error {
                status,
                error,
                description,
            }) => Self::json(status, &Refusal::new(status, &error, description).body()),
            Some(Effect::TruncatedJson) => {
                let (status, body) = good();
                Self::text(status, "application/json", first_half(body.to_string()))
            }
            Some(Effect::EmptyBody) => Self::text(200, "application/json", String::new()),
            Some(Effect::HugeBody { bytes }) => {
                let body = format!("{{\"result\":\"{}\"}}", "x".repeat(bytes));
                Self::text(200, "application/json", body)
            }
            Some(Effect::Html { status }) => Self::text(status, "text/html", maintenance()),
            Some(Effect::Redirect { location }) => Self::redirect(&location),
            Some(Effect::Hang) => Self {
                status: 0,
                error: None,
                is_json: false,
                delay: Duration::ZERO,
                shape: Shape::Hang,
            },
            Some(Effect::Reset) => Self {
                status: 0,
                error: None,
                is_json: false,
                delay: Duration::ZERO,
                shape: Shape::Reset,
            },
        }
    }

    /// Lets it happen.
    pub(crate) async fn send(self, line: &Line) -> Response {
        tokio::time::sleep(self.delay).await;
        match self.shape {
            Shape::Answered(response) => response,
            Shape::Hang => std::future::pending().await,
            Shape::Reset => {
                line.cut();
                StatusCode::NO_CONTENT.into_response()
            }
        }
    }

    /// `ok`, an error code, or `not_json`.
    pub(crate) fn outcome(&self) -> String {
        match (&self.error, self.is_json) {
            (Some(error), _) => error.clone(),
            (None, true) => "ok".to_owned(),
            (None, false) => "not_json".to_owned(),
        }
    }

    fn json(status: u16, body: &Value) -> Self {
        let error = body.get("error").map(|code| match code {
            Value::String(code) => code.clone(),
            other => other.to_string(),
        });
        Self {
            status,
            error,
            is_json: true,
            delay: Duration::ZERO,
            shape: Shape::Answered(json_response(status, body)),
        }
    }

    fn text(status: u16, content_type: &'static str, body: String) -> Self {
        let response = text_response(status, content_type, body);
        Self {
            status,
            error: None,
            is_json: false,
            delay: Duration::ZERO,
            shape: Shape::Answered(response),
        }
    }

    fn redirect(location: &str) -> Self {
        let page = "<html><body>Moved</body></html>".to_owned();
        let mut response = text_response(302, "text/html", page);
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Self {
            status: 302,
            error: None,
            is_json: false,
            delay: Duration::ZERO,
            shape: Shape::Answered(response),
        }
    }
}

fn first_half(mut text: String) -> String {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    text.truncate(middle);
    text
}

fn maintenance() -> String {
    "<!DOCTYPE html><html><head><title>Технические работы</title></head>\
     <body><h1>Портал временно недоступен</h1></body></html>"
        .to_owned()
}

/// Any page may call the portal from a browser (§6.5).
fn preflight() -> Response {
    let mut response = (StatusCode::NO_CONTENT, Body::empty()).into_response();
    let allow: [(HeaderName, &str); 3] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    ];
    for (name, value) in allow {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
