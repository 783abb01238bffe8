//! What tests and people can let happen to a portal, as values: the JSON of `POST /__control/do` and
//! of the page's buttons. In Rust the methods of [`Portal`] of the same names do the same.

use serde::{Deserialize, Serialize};

use crate::portal::Portal;

/// Something that happens to one portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Action {
    /// [`Portal::install`].
    Install {
        /// Who installs.
        #[serde(default = "administrator")]
        user: u32,
    },
    /// [`Portal::finish_install`].
    FinishInstall,
    /// [`Portal::uninstall`].
    Uninstall {
        /// Erase settings and data too.
        #[serde(default)]
        clean: bool,
    },
    /// [`Portal::reinstall`].
    Reinstall {
        /// Who installs.
        #[serde(default = "administrator")]
        user: u32,
    },
    /// [`Portal::update_app`].
    UpdateApp,
    /// [`Portal::expire_access_tokens`], or [`Portal::expire_access_of`] a user.
    ExpireAccess {
        /// Only this user's.
        #[serde(default)]
        user: Option<u32>,
    },
    /// [`Portal::revoke_tokens_of`].
    RevokeTokens {
        /// Whose.
        user: u32,
    },
    /// [`Portal::dismiss`].
    Dismiss {
        /// Whom.
        user: u32,
    },
    /// [`Portal::reinstate`].
    Reinstate {
        /// Whom.
        user: u32,
    },
    /// [`Portal::set_admin`].
    SetAdmin {
        /// Who.
        user: u32,
        /// Administrator from now on, or no longer.
        admin: bool,
    },
    /// [`Portal::set_subscription`].
    Subscription {
        /// Paid for.
        active: bool,
    },
    /// [`Portal::restrict_to`].
    RestrictTo {
        /// The only users who may; everybody when null.
        users: Option<Vec<u32>>,
    },
    /// [`Portal::delete`].
    Delete,
    /// [`Portal::restore`].
    Restore,
}

const fn administrator() -> u32 {
    1
}

impl Portal {
    /// Lets it happen.
    pub fn perform(&self, action: Action) {
        match action {
            Action::Install { user } => self.install(user),
            Action::FinishInstall => self.finish_install(),
            Action::Uninstall { clean } => self.uninstall(clean),
            Action::Reinstall { user } => self.reinstall(user),
            Action::UpdateApp => self.update_app(),
            Action::ExpireAccess { user: None } => self.expire_access_tokens(),
            Action::ExpireAccess { user: Some(user) } => self.expire_access_of(user),
            Action::RevokeTokens { user } => self.revoke_tokens_of(user),
            Action::Dismiss { user } => self.dismiss(user),
            Action::Reinstate { user } => self.reinstate(user),
            Action::SetAdmin { user, admin } => self.set_admin(user, admin),
            Action::Subscription { active } => self.set_subscription(active),
            Action::RestrictTo { users } => self.restrict_to(users),
            Action::Delete => self.delete(),
            Action::Restore => self.restore(),
        }
    }
}
