//! Who calls: webhook or access token, the user behind it, and what it may reach (§3.1, §3.6).

use crate::clock;
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
    let now = clock::now().unix_timestamp();
    let holder = match portal.shared().tokens.standing(token, now) {
        Standing::Valid { holder, .. } => holder,
        Standing::Expired { holder } if holder.portal == portal.number() => {
            let text = "The access token provided has expired.";
            return Err(Refusal::new(401, "expired_token", text));
        }
        Standing::Expired { .. } | Standing::Unknown => return Err(wrong_authorization()),
    };
    let user = portal.world().user(holder.user);
    let Some(user) = user.filter(|user| holder.portal == portal.number() && user.active) else {
        return Err(wrong_authorization());
    };
    let scopes = portal.shared().app.scopes();
    let scopes = scopes
        .filter(|scope| !portal.faults().lacks_scope(scope))
        .collect();
    let role = portal.world().role_of(user.id);
    Ok(Caller {
        kind: AuthKind::Token,
        user: user.clone(),
        role,
        scopes,
    })
}

fn wrong_authorization() -> Refusal {
    Refusal::new(401, "NO_AUTH_FOUND", "Wrong authorization data")
}
