//! The life of an application on a portal: installed, finished, removed; and what else can befall
//! tokens, people and the portal itself (§1.4, §1.5, §1.7, §5).

use serde::Serialize;
use serde_json::json;

use crate::envelope::Refusal;
use crate::knobs::UninstalledRest;
use crate::operating::OperatingLimit;
use crate::options::Options;
use crate::portal::Portal;
use crate::tokens::Death;
use crate::worlds::{User, digest};

/// Who installed the application where it is there from the start.
const ADMINISTRATOR: u32 = 1;

/// How far the application has got on a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppStanding {
    /// It is not there.
    NotInstalled,
    /// It is there, but nobody has finished its installation (§1.5).
    Installing,
    /// It is there and ready.
    Installed,
}

/// The application on one portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppState {
    /// How far it has got.
    pub standing: AppStanding,
    /// The secret of its events (§1.8): of this installation, or of the last one.
    pub application_token: String,
    /// Its version on this portal.
    pub version: u32,
    /// Where administrators open it as long as its installation is not finished.
    pub install_url: String,
    /// How often it has been installed here.
    pub installations: u32,
    /// Who installed it last.
    pub installed_by: Option<u32>,
}

/// What befalls a portal, apart from its world.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) app: AppState,
    /// REST is paid for (§5).
    pub(crate) subscription: bool,
    /// The only users who may use the application, when an administrator named some.
    pub(crate) restricted_to: Option<Vec<u32>>,
    pub(crate) deleted: bool,
    /// Blocked by hand (§3.5).
    overloaded: bool,
    /// The version that an unfinished update replaces.
    previous_version: Option<u32>,
}

impl Life {
    /// A portal with the application ready, as most tests want it, or without.
    pub(crate) fn new(member_id: &str, options: &Options) -> Self {
        let mut app = AppState {
            standing: AppStanding::NotInstalled,
            application_token: String::new(),
            version: 1,
            install_url: options.app.install_address(),
            installations: 0,
            installed_by: None,
        };
        if !options.not_installed {
            app.install(member_id, ADMINISTRATOR, false);
            app.standing = AppStanding::Installed;
        }
        Self {
            app,
            subscription: true,
            restricted_to: None,
            deleted: false,
            overloaded: false,
            previous_version: None,
        }
    }
}

impl AppState {
    fn install(&mut self, member_id: &str, user: u32, keep_token: bool) {
        self.installations += 1;
        self.installed_by = Some(user);
        self.standing = AppStanding::Installing;
        if !keep_token || self.application_token.is_empty() {
            let number = match self.installations {
                1 => String::new(),
                number => format!(" {number}"),
            };
            self.application_token = digest(&format!("application token{number} of {member_id}"));
        }
    }
}

impl Portal {
    /// The application on this portal.
    #[must_use]
    pub fn app_state(&self) -> AppState {
        self.life().app.clone()
    }

    /// Where that user's opening of the application is posted: to the installation page as long as
    /// that is not finished.
    #[must_use]
    pub fn opening_url(&self) -> String {
        let app = self.app_state();
        match app.standing {
            AppStanding::Installed => self.shared().app.app_url.clone(),
            AppStanding::Installing | AppStanding::NotInstalled => app.install_url,
        }
    }

    /// That user installs the application with a new application token
    /// ([`crate::Knobs::keep_application_token`] keeps the old one); its page has to finish that.
    /// Does nothing when it is there.
    pub fn install(&self, user: u32) {
        let keep_token = self.shared().knobs().keep_application_token;
        let mut life = self.life();
        if life.app.standing == AppStanding::NotInstalled {
            life.app.install(self.member_id(), user, keep_token);
        }
    }

    /// What the application's page does at last: `setInstallFinish` (§1.5).
    pub fn finish_install(&self) {
        let mut life = self.life();
        if life.app.standing != AppStanding::Installing {
            return;
        }
        life.app.standing = AppStanding::Installed;
        let previous_version = life.previous_version.take();
        drop(life);
        if self.shared().knobs().install_events {
            self.tell_of_installation(previous_version);
        }
    }

    /// Removes the application: its tokens die, its handlers of events and placements go, and if it
    /// was finished, `ONAPPUNINSTALL` tells of it. `clean` also erases its settings and data, as
    /// the checkbox of the dialog does (§1.7).
    pub fn uninstall(&self, clean: bool) {
        let mut life = self.life();
        let before = life.app.standing;
        if before == AppStanding::NotInstalled {
            return;
        }
        life.app.standing = AppStanding::NotInstalled;
        life.restricted_to = None;
        life.previous_version = None;
        drop(life);
        let tokens = &self.shared().tokens;
        tokens.kill(self.number(), None, Death::Uninstalled);
        let mut memory = self.remembered();
        memory.seen_by.clear();
        if clean {
            memory.app_options.clear();
            memory.user_options.clear();
        }
        drop(memory);
        let handlers = self.bindings().handlers_of("ONAPPUNINSTALL");
        self.bindings().now().clear();
        if before == AppStanding::Installed {
            let data = json!({"LANGUAGE_ID": "ru", "CLEAN": u8::from(clean)});
            self.tell(&handlers, "ONAPPUNINSTALL", &data);
        }
    }

    /// That user removes the application without its data and installs it again; its page has to
    /// finish that.
    pub fn reinstall(&self, user: u32) {
        self.uninstall(false);
        self.install(user);
    }

    /// Installs the next version, which has to be finished as the first one (§1.5). Tokens and the
    /// application token stay.
    pub fn update_app(&self) {
        let mut life = self.life();
        if life.app.standing == AppStanding::NotInstalled {
            return;
        }
        life.previous_version = Some(life.app.version);
        life.app.version += 1;
        life.app.standing = AppStanding::Installing;
        drop(life);
        if self.shared().knobs().update_unbinds {
            self.bindings().now().events.clear();
        }
    }

    /// Expires all access tokens at this moment; refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        let now = self.shared().timestamp();
        self.shared().tokens.expire(self.number(), None, now);
    }

    /// Expires one user's access tokens at this moment; their refresh tokens stay good.
    pub fn expire_access_of(&self, user: u32) {
        let now = self.shared().timestamp();
        self.shared().tokens.expire(self.number(), Some(user), now);
    }

    /// Kills one user's access and refresh tokens. Their next opening brings good ones.
    pub fn revoke_tokens_of(&self, user: u32) {
        let tokens = &self.shared().tokens;
        tokens.kill(self.number(), Some(user), Death::Revoked);
    }

    /// Dismisses a user, whose tokens are refused from now on.
    pub fn dismiss(&self, user: u32) {
        self.change_user(user, |user| user.active = false);
    }

    /// Takes a dismissed user back; their tokens are good again.
    pub fn reinstate(&self, user: u32) {
        self.change_user(user, |user| user.active = true);
    }

    /// Makes a user an administrator of the portal, or no longer.
    pub fn set_admin(&self, user: u32, admin: bool) {
        self.change_user(user, |user| user.admin = admin);
    }

    fn change_user(&self, id: u32, change: impl FnOnce(&mut User)) {
        self.change_world(|world| {
            if let Some(user) = world.users.iter_mut().find(|user| user.id == id) {
                change(user);
            }
        });
    }

    /// Ends the subscription that opens REST, or brings it back (§5); `ONAPPPAYMENT` tells of it.
    pub fn set_subscription(&self, active: bool) {
        let before = std::mem::replace(&mut self.life().subscription, active);
        if before != active {
            self.tell_of_payment(active);
        }
    }

    /// Lets only those users use the application, or everybody (§3.6 `user_access_error`).
    pub fn restrict_to(&self, users: Option<Vec<u32>>) {
        self.life().restricted_to = users;
    }

    /// Deletes the portal: its REST and the OAuth server know it no more (§2.5, §3.6).
    pub fn delete(&self) {
        self.life().deleted = true;
    }

    /// Undoes [`Self::delete`].
    pub fn restore(&self) {
        self.life().deleted = false;
    }

    /// Blocks the portal's REST by hand, or lets it go (§3.5 `OVERLOAD_LIMIT`).
    pub fn set_overloaded(&self, overloaded: bool) {
        self.life().overloaded = overloaded;
    }

    /// How much run time the methods have (§3.5 `OPERATION_TIME_LIMIT`).
    pub fn set_operating_limit(&self, limit: OperatingLimit) {
        self.operating().set(limit);
    }

    /// May that user use the application?
    pub(crate) fn may_use(&self, user: u32) -> bool {
        let life = self.life();
        let named = life.restricted_to.as_ref();
        named.is_none_or(|users| users.contains(&user))
    }

    /// Refuses everybody when the portal is gone or not paid for.
    pub(crate) fn gate(&self) -> Result<(), Refusal> {
        let life = self.life();
        if life.deleted {
            return Err(Refusal::new(500, "PORTAL_DELETED", "Portal was deleted"));
        }
        if life.overloaded {
            let text = "REST API is blocked due to overload";
            return Err(Refusal::new(503, "OVERLOAD_LIMIT", text));
        }
        if !life.subscription {
            let text = "REST API is available only on commercial plans";
            return Err(Refusal::new(403, "ACCESS_DENIED", text));
        }
        Ok(())
    }

    /// What REST says to a token that died too early.
    pub(crate) fn dead_token(&self, death: Death) -> Refusal {
        let is_gone = self.life().app.standing == AppStanding::NotInstalled;
        let (code, text) = match self.shared().knobs().uninstalled_rest {
            _ if death == Death::Revoked || !is_gone => {
                ("invalid_token", "Unable to get application by token")
            }
            UninstalledRest::ApplicationNotFound => {
                ("APPLICATION_NOT_FOUND", "Application not found")
            }
            UninstalledRest::ErrorOauth => ("ERROR_OAUTH", "Application not installed"),
            UninstalledRest::InvalidToken => {
                ("invalid_token", "Unable to get application by token")
            }
            UninstalledRest::NoAuthFound => ("NO_AUTH_FOUND", "Wrong authorization data"),
        };
        Refusal::new(401, code, text)
    }
}
