//! What tests and people can let happen to a portal, as values: the JSON of `POST /__control/do`
//! and of the page's buttons. In Rust the methods of [`Portal`] of the same names do the same.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::events::EventQueue;
use crate::operating::OperatingLimit;
use crate::portal::Portal;
use crate::worlds::Entity;

/// Something that happens to one portal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// [`Portal::fire`].
    Fire {
        /// Its name.
        event: String,
        /// Its data.
        #[serde(default)]
        data: Value,
    },
    /// [`Portal::forge`].
    Forge {
        /// The event's name.
        event: String,
        /// Its data.
        #[serde(default)]
        data: Value,
        /// The application token that it carries, if any.
        #[serde(default)]
        application_token: Option<String>,
    },
    /// [`Portal::replay`].
    Replay {
        /// The number of the earlier delivery.
        delivery: u32,
    },
    /// [`Portal::set_event_queue`].
    EventQueue(EventQueue),
    /// [`Portal::release_events`].
    ReleaseEvents,
    /// [`Portal::add_field`].
    AddField {
        /// Whose field.
        entity: Entity,
        /// `string`, `enumeration`…
        #[serde(rename = "type", default = "string")]
        kind: String,
        /// What people read.
        label: String,
        /// The items of a list field.
        #[serde(default)]
        items: Vec<String>,
    },
    /// [`Portal::rename_field`].
    RenameField {
        /// Its number.
        id: u32,
        /// What people read from now on.
        label: String,
    },
    /// [`Portal::set_field_items`].
    SetFieldItems {
        /// Its number.
        id: u32,
        /// The new items.
        items: Vec<String>,
    },
    /// [`Portal::remove_field`].
    RemoveField {
        /// Its number.
        id: u32,
    },
    /// [`Portal::rename`].
    Rename,
    /// [`Portal::swap_names`].
    SwapNames {
        /// The other portal's number.
        portal: usize,
    },
    /// [`Portal::give_former_name_away`].
    GiveFormerNameAway,
    /// [`Portal::set_overloaded`].
    Overload {
        /// Blocked.
        active: bool,
    },
    /// [`Portal::set_operating_limit`].
    OperatingLimit(OperatingLimit),
    /// [`Portal::delete`].
    Delete,
    /// [`Portal::restore`].
    Restore,
}

const fn administrator() -> u32 {
    1
}

fn string() -> String {
    "string".to_owned()
}

fn ok_or(done: bool, problem: &'static str) -> Result<(), &'static str> {
    done.then_some(()).ok_or(problem)
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

impl Portal {
    /// Lets it happen.
    ///
    /// # Errors
    /// A sentence when there is no address or portal for it.
    pub fn perform(&self, action: Action) -> Result<(), &'static str> {
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
            Action::Fire { event, data } => self.fire(&event, &data),
            Action::Forge {
                event,
                data,
                application_token,
            } => self.forge(&event, &data, application_token.as_deref()),
            Action::Replay { delivery } => self.replay(delivery),
            Action::EventQueue(queue) => self.set_event_queue(queue),
            Action::ReleaseEvents => self.release_events(),
            Action::AddField {
                entity,
                kind,
                label,
                items,
            } => {
                self.add_field(entity, &kind, &label, &borrowed(&items));
            }
            Action::RenameField { id, label } => self.rename_field(id, &label),
            Action::SetFieldItems { id, items } => self.set_field_items(id, &borrowed(&items)),
            Action::RemoveField { id } => self.remove_field(id),
            Action::Rename => return ok_or(self.rename(), "no address is spare"),
            Action::SwapNames { portal } => {
                return ok_or(self.swap_with(portal), "there is no such portal");
            }
            Action::GiveFormerNameAway => {
                let problem = "this portal has left no name, or no other portal waits for it";
                return ok_or(self.give_former_name_away().is_some(), problem);
            }
            Action::Overload { active } => self.set_overloaded(active),
            Action::OperatingLimit(limit) => self.set_operating_limit(limit),
            Action::Delete => self.delete(),
            Action::Restore => self.restore(),
        }
        Ok(())
    }
}
