//! The OAuth server: `app.info` that proves a token, and the refresh of tokens (§2).

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::time::{Duration, Instant};

use crate::clock;
use crate::envelope::{Answer, Refusal, success};
use crate::faults::Faults;
use crate::http::{Call, Line};
use crate::log::{AuthKind, RequestLog, RequestLogEntry};
use crate::params::Param;
use crate::portal::{Portal, Shared};
use crate::rest::End;
use crate::tokens::{Holder, LIFETIME, Standing, TokenPair};

/// The authorization server of the whole cloud.
#[derive(Debug)]
pub(crate) struct OauthServer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) portals: Vec<Arc<Portal>>,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
}

/// Answers one request and writes it into the log.
pub(crate) async fn serve(
    State(server): State<Arc<OauthServer>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (started, moment) = (Instant::now(), clock::now());
    let call = Call::read(request).await;
    let path = call
        .path
        .trim_matches('/')
        .trim_end_matches(".json")
        .to_owned();
    let method = path.strip_prefix("rest/").unwrap_or(&path).to_owned();
    let latency = Duration::from_millis(server.faults.latency_ms());
    tokio::time::sleep(server.shared.latency + latency).await;
    let holder = server.holder(&call.params);
    let effect = server.faults.take_effect(&method);
    let end = End::of(effect, || match method.as_str() {
        "app.info" => server.app_info(&call.params, moment),
        "oauth/token" => server.token(&call.params),
        _ => refuse(&Refusal::new(
            404,
            "ERROR_METHOD_NOT_FOUND",
            "Method not found!",
        )),
    });
    let role = holder.map(|holder| server.portal(holder).world().role_of(holder.user));
    server.log.push(RequestLogEntry {
        time: clock::iso(moment),
        http_method: call.http_method,
        rest_method: method,
        inner_methods: Vec::new(),
        auth: if holder.is_some() {
            AuthKind::Token
        } else {
            AuthKind::None
        },
        user_id: holder.map(|holder| holder.user),
        role,
        status: end.status,
        error: end.error.clone(),
        duration_ms: started.elapsed().as_millis() as u64,
        host: call.host,
    });
    end.send(&line).await
}

fn refuse(refusal: &Refusal) -> (u16, Value) {
    (refusal.status, refusal.body())
}

fn text(params: &Param, name: &str) -> String {
    params.get(name).map(Param::text).unwrap_or_default()
}

impl OauthServer {
    fn portal(&self, holder: Holder) -> &Portal {
        &self.portals[holder.portal - 1]
    }

    fn holder(&self, params: &Param) -> Option<Holder> {
        let now = clock::now().unix_timestamp();
        match self.shared.tokens.standing(&text(params, "auth"), now) {
            Standing::Valid { holder, .. } | Standing::Expired { holder } => Some(holder),
            Standing::Unknown => None,
        }
    }

    /// Whose token is it, and where is the application installed (§2.6).
    fn app_info(&self, params: &Param, started: OffsetDateTime) -> (u16, Value) {
        let token = text(params, "auth");
        if token.is_empty() {
            return refuse(&Refusal::new(
                401,
                "NO_AUTH_FOUND",
                "Wrong authorization data",
            ));
        }
        match self
            .shared
            .tokens
            .standing(&token, started.unix_timestamp())
        {
            Standing::Valid { holder, expires_at } => {
                let result = self.installation(holder, expires_at);
                (200, success(Answer::of(result), started))
            }
            Standing::Expired { .. } => {
                let text = "The access token provided has expired.";
                refuse(&Refusal::new(401, "expired_token", text))
            }
            Standing::Unknown => {
                let text = "Unable to get application by token";
                refuse(&Refusal::new(401, "invalid_token", text))
            }
        }
    }

    fn installation(&self, holder: Holder, expires_at: i64) -> Value {
        let portal = self.portal(holder);
        let expires =
            OffsetDateTime::from_unix_timestamp(expires_at).unwrap_or_else(|_| clock::now());
        let app = &self.shared.app;
        json!({
            "client_id": app.client_id,
            "scope": app.scope,
            "expires": clock::iso(expires),
            "user_id": holder.user.to_string(),
            "install": {
                "installed": true,
                "version": "1",
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

    /// The refresh of tokens (§2.4); errors as in §2.5.
    fn token(&self, params: &Param) -> (u16, Value) {
        let app = &self.shared.app;
        if text(params, "grant_type") != "refresh_token" {
            let sentence = "Invalid or missing grant type";
            return refuse(&Refusal::new(400, "invalid_request", sentence));
        }
        let is_known = text(params, "client_id") == app.client_id
            && text(params, "client_secret") == app.client_secret;
        if !is_known {
            return refuse(&Refusal::new(401, "invalid_client", "Invalid client"));
        }
        let token = text(params, "refresh_token");
        if token.is_empty() {
            let sentence = "No \"refresh_token\" parameter found";
            return refuse(&Refusal::new(400, "invalid_request", sentence));
        }
        match self
            .shared
            .tokens
            .refresh(&token, clock::now().unix_timestamp())
        {
            Some((holder, pair)) => (200, self.token_answer(holder, &pair)),
            None => refuse(&Refusal::new(400, "invalid_grant", "Invalid refresh token")),
        }
    }

    /// `domain` names this server, not the portal (§2.3).
    fn token_answer(&self, holder: Holder, pair: &TokenPair) -> Value {
        let portal = self.portal(holder);
        let host = self
            .shared
            .oauth_url
            .split("://")
            .nth(1)
            .unwrap_or_default();
        json!({
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "expires": pair.expires_at,
            "expires_in": LIFETIME,
            "scope": self.shared.app.scope,
            "domain": host,
            "server_endpoint": format!("{}/rest/", self.shared.oauth_url),
            "status": "F",
            "client_endpoint": portal.client_endpoint(),
            "member_id": portal.member_id(),
            "user_id": holder.user,
        })
    }
}
