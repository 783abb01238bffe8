//! `oauth/token`: what is asked for new tokens, and what is answered (§2.2–2.5).

use serde_json::{Value, json};

use super::{OauthServer, text};
use crate::envelope::Refusal;
use crate::knobs::UninstalledOauth;
use crate::life::AppStanding;
use crate::params::Param;
use crate::portal::Portal;
use crate::tokens::{Death, Holder, Issue, LIFETIME, Origin, TokenPair};

/// How a request for tokens ends, before any fault.
pub(super) struct Grant {
    pub(super) status: u16,
    /// None when the portal is unknown: that answer has no body of JSON.
    pub(super) body: Option<Value>,
    /// A refresh token was traded in.
    pub(super) rotated: bool,
}

impl From<Refusal> for Grant {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: refusal.status,
            body: Some(refusal.body()),
            rotated: false,
        }
    }
}

/// Why there are no tokens.
enum No {
    Because(Refusal),
    /// The portal is gone: 404 and no JSON.
    SuchPortal,
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Because(refusal)
    }
}

impl OauthServer {
    /// Answers a request for tokens; `mixes_up` gives another portal's.
    pub(super) fn grant(&self, params: &Param, mixes_up: bool) -> Grant {
        let is_refresh = text(params, "grant_type") == "refresh_token";
        match self.pair(params) {
            Ok((holder, pair)) => {
                let (holder, pair) = if mixes_up {
                    self.of_another_portal(holder)
                } else {
                    (holder, pair)
                };
                Grant {
                    status: 200,
                    body: Some(self.token_answer(holder, &pair)),
                    rotated: is_refresh,
                }
            }
            Err(No::Because(refusal)) => refusal.into(),
            Err(No::SuchPortal) => Grant {
                status: 404,
                body: None,
                rotated: false,
            },
        }
    }

    fn pair(&self, params: &Param) -> Result<(Holder, TokenPair), No> {
        let grant_type = text(params, "grant_type");
        let name = match grant_type.as_str() {
            "refresh_token" => "refresh_token",
            "authorization_code" => "code",
            _ => {
                let sentence = "Invalid or missing grant type";
                return Err(Refusal::new(400, "invalid_request", sentence).into());
            }
        };
        self.check_client(params)?;
        let secret = text(params, name);
        if secret.is_empty() {
            let sentence = format!("No \"{name}\" parameter found");
            return Err(Refusal::new(400, "invalid_request", sentence).into());
        }
        if name == "code" {
            self.trade_code(&secret)
        } else {
            self.trade_refresh(&secret)
        }
    }

    fn check_client(&self, params: &Param) -> Result<(), Refusal> {
        let app = &self.shared.app;
        let is_known = text(params, "client_id") == app.client_id
            && text(params, "client_secret") == app.client_secret;
        if is_known {
            return Ok(());
        }
        Err(if self.shared.knobs().wrong_client {
            Refusal::new(200, "wrong_client", "Wrong client")
        } else {
            Refusal::new(401, "invalid_client", "Invalid client")
        })
    }

    fn trade_code(&self, code: &str) -> Result<(Holder, TokenPair), No> {
        let now = self.shared.timestamp();
        let holder = self.shared.tokens.take_code(code, now);
        let invalid = || Refusal::new(400, "invalid_grant", "Invalid authorization code");
        let holder = holder.ok_or_else(invalid)?;
        self.check_portal(self.portal(holder), None)?;
        Ok((holder, self.shared.tokens.issue(holder, Issue::Code, now)))
    }

    fn trade_refresh(&self, token: &str) -> Result<(Holder, TokenPair), No> {
        let tokens = &self.shared.tokens;
        if let Some(origin) = tokens.origin_of_refresh(token) {
            let portal = self.portal(origin.holder);
            self.check_portal(portal, Some(origin))?;
            let user = portal.world().user(origin.holder.user);
            if user.is_none_or(|user| !user.active) {
                return Err(Refusal::new(400, "invalid_grant", "User is not active").into());
            }
        }
        let (rotation, now) = (self.shared.knobs().rotation, self.shared.timestamp());
        let traded = tokens.refresh(token, rotation, now);
        traded.map_err(|sentence| Refusal::new(400, "invalid_grant", sentence).into())
    }

    /// Refuses on behalf of a portal that is gone, has removed the application, or does not pay.
    fn check_portal(&self, portal: &Portal, origin: Option<Origin>) -> Result<(), No> {
        let life = portal.life();
        if life.deleted {
            return Err(No::SuchPortal);
        }
        let is_alive = origin.is_none_or(|origin| origin.death != Some(Death::Revoked));
        if life.app.standing == AppStanding::NotInstalled && is_alive {
            return Err(self.not_installed().into());
        }
        if !life.subscription {
            let sentence = "Subscription has been ended";
            return Err(Refusal::new(401, "PAYMENT_REQUIRED", sentence).into());
        }
        Ok(())
    }

    /// The answer for a portal without the application.
    pub(super) fn not_installed(&self) -> Refusal {
        match self.shared.knobs().uninstalled_oauth {
            UninstalledOauth::NotInstalled => {
                Refusal::new(401, "NOT_INSTALLED", "Application is not installed")
            }
            UninstalledOauth::InvalidClient => {
                Refusal::new(401, "invalid_client", "Invalid client")
            }
            UninstalledOauth::PaymentRequired => {
                Refusal::new(401, "PAYMENT_REQUIRED", "Payment required")
            }
        }
    }

    /// A pair of the next portal's administrator, as an authority that mixes answers up would send.
    fn of_another_portal(&self, holder: Holder) -> (Holder, TokenPair) {
        let other = Holder {
            portal: holder.portal % self.shared.first_portals + 1,
            user: 1,
        };
        let now = self.shared.timestamp();
        (other, self.shared.tokens.issue(other, Issue::Refresh, now))
    }

    /// `domain` names this server, not the portal (§2.3).
    fn token_answer(&self, holder: Holder, pair: &TokenPair) -> Value {
        let portal = self.portal(holder);
        json!({
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "expires": pair.expires_at,
            "expires_in": LIFETIME,
            "scope": self.shared.app.scope,
            "domain": self.shared.oauth_host(),
            "server_endpoint": format!("{}/rest/", self.shared.oauth_url),
            "status": "F",
            "client_endpoint": portal.client_endpoint(),
            "member_id": portal.member_id(),
            "user_id": holder.user,
        })
    }
}
