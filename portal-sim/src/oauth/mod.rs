//! The OAuth server: `app.info` that proves a token, and new tokens for old ones or codes (§2).

mod grants;

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::time::{Duration, Instant};

use crate::clock;
use crate::end::End;
use crate::envelope::{Answer, Refusal, ServerClock, success};
use crate::faults::{Effect, Faults};
use crate::http::{Call, Line};
use crate::ledger::{LedgerEntry, Presented, Server, TokenKind};
use crate::life::AppStanding;
use crate::log::{AuthKind, RequestLog, RequestLogEntry};
use crate::params::Param;
use crate::portal::Portal;
use crate::rest;
use crate::shared::Shared;
use crate::tokens::{Death, Holder, Origin, Standing};

/// The authorization server of the whole cloud.
#[derive(Debug)]
pub(crate) struct OauthServer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) portals: Vec<Arc<Portal>>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
}

/// Answers one request and writes it into the log and the ledger.
pub(crate) async fn serve(
    State(server): State<Arc<OauthServer>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (started, moment) = (Instant::now(), clock::now());
    let call = Call::read(request).await;
    let path = call.path.trim_matches('/').trim_end_matches(".json");
    let method = path.strip_prefix("rest/").unwrap_or(path).to_owned();
    let (used, origin) = match server.ledger_entry(&method, &call.params) {
        Some((entry, origin)) => (Some(server.shared.ledger.begin(entry).await), origin),
        None => (None, None),
    };
    let latency = Duration::from_millis(server.faults.latency_ms());
    tokio::time::sleep(server.shared.latency + latency).await;
    let effect = rest::before(server.faults.take_effect(&method)).await;
    let (end, rotated) = match method.as_str() {
        "oauth/token" => server.token(effect, &call.params),
        _ => {
            let good = || match method.as_str() {
                "app.info" => server.app_info(&call.params, moment),
                _ => refuse(&unknown_method()),
            };
            (End::of(effect, good), false)
        }
    };
    if let Some(number) = used {
        let ledger = &server.shared.ledger;
        ledger.finish(number, end.status, &end.outcome(), rotated);
    }
    let entry = server.log_entry(&call, method, origin);
    server.log.push(RequestLogEntry {
        time: clock::iso(moment),
        status: end.status,
        error: end.error.clone(),
        duration_ms: started.elapsed().as_millis() as u64,
        ..entry
    });
    end.send(&line).await
}

fn unknown_method() -> Refusal {
    Refusal::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
}

fn refuse(refusal: &Refusal) -> (u16, Value) {
    (refusal.status, refusal.body())
}

fn text(params: &Param, name: &str) -> String {
    params.get(name).map(Param::text).unwrap_or_default()
}

impl OauthServer {
    /// The portals that somebody has registered.
    pub(crate) fn registered(&self) -> impl Iterator<Item = &Arc<Portal>> {
        let is_there = |portal: &&Arc<Portal>| self.shared.addresses.of(portal.number()).is_some();
        self.portals.iter().filter(is_there)
    }

    fn portal(&self, holder: Holder) -> &Portal {
        &self.portals[holder.portal - 1]
    }

    /// The token that this request presents, for the ledger, and where it comes from.
    fn ledger_entry(&self, method: &str, params: &Param) -> Option<(LedgerEntry, Option<Origin>)> {
        let tokens = &self.shared.tokens;
        let (kind, name) = match method {
            "oauth/token" => (TokenKind::Refresh, "refresh_token"),
            _ => (TokenKind::Access, "auth"),
        };
        let token = params.get(name).map(Param::text)?;
        let origin = match kind {
            TokenKind::Access => tokens.origin_of_access(&token),
            TokenKind::Refresh => tokens.origin_of_refresh(&token),
        };
        let presented = Presented {
            token: &token,
            kind,
            origin,
            used_at: clock::iso(self.shared.now()),
            server: Server::Oauth,
            method,
        };
        Some((presented.entry(), origin))
    }

    fn log_entry(&self, call: &Call, method: String, origin: Option<Origin>) -> RequestLogEntry {
        let holder = origin.map(|origin| origin.holder);
        RequestLogEntry {
            time: String::new(),
            http_method: call.http_method.clone(),
            rest_method: method,
            inner_methods: Vec::new(),
            auth: match holder {
                Some(_) => AuthKind::Token,
                None => AuthKind::None,
            },
            user_id: holder.map(|holder| holder.user),
            role: holder.map(|holder| self.portal(holder).world().role_of(holder.user)),
            status: 0,
            error: None,
            duration_ms: 0,
            host: call.host.clone(),
        }
    }

    /// New tokens, unless an effect takes the place of the answer: before they are made, or after.
    fn token(&self, effect: Option<Effect>, params: &Param) -> (End, bool) {
        if effect.as_ref().is_some_and(Effect::replaces) {
            return (End::of(effect, || (200, Value::Null)), false);
        }
        let grant = self.grant(params, self.faults.take_mixed_up_pair());
        let afterwards = match grant.rotated {
            true => self.faults.take_after_rotation(),
            false => None,
        };
        let end = match grant.body {
            Some(body) => End::of(afterwards.or(effect), || (grant.status, body)),
            None => End::of(Some(Effect::Html { status: 404 }), || (404, Value::Null)),
        };
        (end, grant.rotated)
    }

    /// Whose token is it, and where is the application installed (§2.6).
    fn app_info(&self, params: &Param, started: OffsetDateTime) -> (u16, Value) {
        let token = text(params, "auth");
        if token.is_empty() {
            let sentence = "Wrong authorization data";
            return refuse(&Refusal::new(401, "NO_AUTH_FOUND", sentence));
        }
        let unknown = || {
            let sentence = "Unable to get application by token";
            refuse(&Refusal::new(401, "invalid_token", sentence))
        };
        match self.shared.tokens.present(&token, self.shared.timestamp()) {
            Standing::Valid { holder, .. } if self.portal(holder).life().deleted => unknown(),
            Standing::Valid { holder, .. } if !self.is_active(holder) => unknown(),
            Standing::Valid { holder, expires_at } => {
                let result = self.installation(holder, expires_at);
                (
                    200,
                    success(Answer::of(result), started, &ServerClock::default()),
                )
            }
            Standing::Expired { .. } => {
                let sentence = "The access token provided has expired.";
                refuse(&Refusal::new(401, "expired_token", sentence))
            }
            Standing::Dead {
                holder,
                death: Death::Uninstalled,
            } if self.portal(holder).app_state().standing == AppStanding::NotInstalled => {
                refuse(&self.not_installed())
            }
            Standing::Dead { .. } | Standing::Unknown => unknown(),
        }
    }

    fn is_active(&self, holder: Holder) -> bool {
        let user = self.portal(holder).world().user(holder.user);
        user.is_some_and(|user| user.active)
    }

    fn installation(&self, holder: Holder, expires_at: i64) -> Value {
        let portal = self.portal(holder);
        let expires =
            OffsetDateTime::from_unix_timestamp(expires_at).unwrap_or_else(|_| clock::now());
        let (app, state) = (&self.shared.app, portal.app_state());
        json!({
            "client_id": app.client_id,
            "scope": app.scope,
            "expires": clock::iso(expires),
            "user_id": holder.user.to_string(),
            "install": {
                "installed": state.standing != AppStanding::NotInstalled,
                "version": state.version.to_string(),
                "status": "F",
                "scope": app.scope,
                "domain": portal.domain(),
                "uri": portal.base_url(),
                "client_endpoint": portal.client_endpoint(),
                "member_id": portal.member_id(),
                "member_type": "",
            },
        })
    }
}
