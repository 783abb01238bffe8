//! Who calls: webhook or access token, the user behind it, and what it may reach (§3.1, §3.6).

use crate::envelope::Refusal;
use crate::log::AuthKind;
use crate::params::Param;
use crate::portal::Portal;
use crate::tokens::Standing;
use crate::worlds::{User, UserRole};

/// Scopes of every incoming webhook.
pub(crate) const WEBHOOK_SCOPES: &[&str] = &["crm", "user_brief", "department"];

/// A caller that proved itself.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) kind: AuthKind,
    pub(crate) user: User,
    pub(crate) role: UserRole,
    pub(crate) scopes: Vec<String>,
}

impl Caller {
    /// Whose run time its calls use up (§3.5).
    pub(crate) const fn budget(&self) -> &'static str {
        match self.kind {
            AuthKind::Webhook => self.role.webhook_code(),
            AuthKind::Token | AuthKind::None => "application",
        }
    }
}

/// The user and code of a webhook path.
#[derive(Clone, Debug)]
pub(crate) struct WebhookPath {
    pub(crate) user: String,
    pub(crate) code: String,
}

/// Finds the caller of a REST request.
pub(crate) fn identify(
    portal: &Portal,
    webhook: Option<&WebhookPath>,
    params: &Param,
) -> Result<Caller, Refusal> {
    match webhook {
        Some(path) => by_webhook(portal, path),
        None => by_token(
            portal,
            &params.get("auth").map(Param::text).unwrap_or_default(),
        ),
    }
}

fn by_webhook(portal: &Portal, path: &WebhookPath) -> Result<Caller, Refusal> {
    let role = UserRole::ALL.into_iter().find(|role| {
        path.code == role.webhook_code() && path.user == portal.world().user_id(*role).to_string()
    });
    let user = role.and_then(|role| portal.world().user(portal.world().user_id(role)));
    let (Some(role), Some(user)) = (role, user) else {
        return Err(wrong_authorization());
    };
    let scopes = WEBHOOK_SCOPES.iter().map(|&scope| scope.to_owned());
    let scopes = scopes
        .filter(|scope| !portal.faults().lacks_scope(scope))
        .collect();
    Ok(Caller {
        kind: AuthKind::Webhook,
        user: user.clone(),
        role,
        scopes,
    })
}

fn by_token(portal: &Portal, token: &str) -> Result<Caller, Refusal> {
    let shared = portal.shared();
    let holder = match shared.tokens.present(token, shared.timestamp()) {
        Standing::Unknown => return Err(wrong_authorization()),
        Standing::Valid { holder, .. }
        | Standing::Expired { holder }
        | Standing::Dead { holder, .. }
            if holder.portal != portal.number() =>
        {
            return Err(wrong_authorization());
        }
        Standing::Expired { .. } => {
            let text = "The access token provided has expired.";
            return Err(Refusal::new(401, "expired_token", text));
        }
        Standing::Dead { death, .. } => return Err(portal.dead_token(death)),
        Standing::Valid { holder, .. } => holder,
    };
    let user = portal.world().user(holder.user);
    let Some(user) = user.filter(|user| user.active) else {
        let text = "Unable to authorize user";
        return Err(Refusal::new(401, "authorization_error", text));
    };
    if !portal.may_use(user.id) {
        let text = "The user does not have access to the application";
        return Err(Refusal::new(403, "user_access_error", text));
    }
    let scopes = shared.app.scopes();
    let scopes = scopes
        .filter(|scope| !portal.faults().lacks_scope(scope))
        .collect();
    Ok(Caller {
        kind: AuthKind::Token,
        user: user.clone(),
        role: portal.world().role_of(user.id),
        scopes,
    })
}

fn wrong_authorization() -> Refusal {
    Refusal::new(401, "NO_AUTH_FOUND", "Wrong authorization data")
}
