//! The record of what was done to portals, by whom. It holds no secrets and no personal data but
//! the number of a user.

use crmap_domain::{MemberId, PortalState};
use crmap_store::AuditRow;
use serde_json::{Value, json};

use crate::Services;

/// Something worth being found again later.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// The application was installed, or came back.
    Installed { user_id: i64, version: Option<i64> },
    /// It was removed; `lost` when no event said so.
    Removed { lost: bool },
    /// A farewell from before the present installation came.
    StaleFarewell,
    /// The portal has another address.
    Moved { from: String, to: String },
    /// The portal's state has changed.
    Changed {
        from: PortalState,
        to: PortalState,
        reason: String,
    },
    /// Somebody was kept from the portal's links.
    LinkingRefused { user_id: i64, why: &'static str },
    /// An event that this version does not know.
    UnknownEvent(String),
}

impl Act {
    const fn name(&self) -> &'static str {
        match self {
            Self::Installed { .. } => "portal.installed",
            Self::Removed { .. } => "portal.removed",
            Self::StaleFarewell => "event.stale",
            Self::Moved { .. } => "portal.moved",
            Self::Changed { .. } => "portal.state",
            Self::LinkingRefused { .. } => "portal.linking_refused",
            Self::UnknownEvent(_) => "event.unknown",
        }
    }

    fn actor(&self) -> String {
        match self {
            Self::Installed { user_id, .. } | Self::LinkingRefused { user_id, .. } => {
                format!("portal_user:{user_id}")
            }
            Self::Removed { lost: false } | Self::StaleFarewell | Self::UnknownEvent(_) => {
                "portal".to_owned()
            }
            _ => "crmap".to_owned(),
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::Installed { version, .. } => json!({"version": version}),
            Self::Removed { lost } => json!({"lost": lost}),
            Self::StaleFarewell => json!({}),
            Self::Moved { from, to } => json!({"from": from, "to": to}),
            Self::Changed { from, to, reason } => {
                json!({"from": from.code(), "to": to.code(), "reason": reason})
            }
            Self::LinkingRefused { why, .. } => json!({"why": why}),
            Self::UnknownEvent(name) => json!({"name": name}),
        }
    }
}

impl Services {
    /// Writes an act down. What was done is not undone when that fails; the log has it too.
    pub(crate) async fn note(&self, member_id: &MemberId, act: Act) {
        let row = AuditRow {
            at: self.clock.now(),
            member_id: Some(member_id.clone()),
            actor: act.actor(),
            action: act.name().to_owned(),
            detail: act.detail(),
        };
        if let Err(error) = self.store.audit(&row).await {
            tracing::error!(%error, action = act.name(), "an act could not be recorded");
        }
    }
}
