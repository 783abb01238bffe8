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
use crate::end::End;
use crate::envelope::{self, Refusal};
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
    let _under_way = portal.crowd().enter();
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
        Ok(answer) => (
            200,
            envelope::success(answer, moment, &portal.server_clock()),
        ),
        Err(refusal) => (refusal.status, refusal.body()),
    }
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
