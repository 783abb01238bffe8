//! The portal around its sections: top bar, left menu, the panel of faults, and who is looking.

use axum::response::Html;
use serde::Deserialize;

use super::html::{escape, fill};
use super::panel;
use super::texts::{Language, Texts};
use crate::life::AppStanding;
use crate::portal::Portal;
use crate::worlds::{User, UserRole};

/// The address of the application's page.
pub(super) const APP_PATH: &str = "/marketplace/app/5/";

/// The address of the marketplace.
pub(super) const MARKET_PATH: &str = "/marketplace/";

/// Who looks, as the address says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ViewQuery {
    user: Option<u32>,
    lang: Option<String>,
}

/// Who looks at which portal, in which language.
pub(super) struct View<'a> {
    pub(super) portal: &'a Portal,
    pub(super) user: &'a User,
    /// That of the portal's own texts.
    pub(super) language: Language,
    /// The viewer's, as applications are told it: any that Bitrix24 may have.
    pub(super) spoken: String,
}

/// A section before it is put into the portal.
pub(super) struct Section {
    /// Its address, which the menu marks.
    pub(super) path: String,
    pub(super) heading: String,
    /// HTML.
    pub(super) content: String,
    /// HTML.
    pub(super) scripts: &'static str,
}

impl<'a> View<'a> {
    /// The administrator looks unless an active user is named.
    pub(super) fn of(portal: &'a Portal, query: &ViewQuery) -> Option<Self> {
        let world = portal.world();
        let named = query
            .user
            .and_then(|id| world.user(id))
            .filter(|user| user.active);
        let user = named.or_else(|| world.user(world.user_id(UserRole::Administrator)))?;
        let spoken = query.lang.as_deref().filter(|code| is_language(code));
        let spoken = spoken.unwrap_or(Language::Ru.code()).to_owned();
        Some(Self {
            portal,
            user,
            language: Language::of(&spoken),
            spoken,
        })
    }

    pub(super) fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// An address that keeps the viewer.
    pub(super) fn link(&self, path: &str) -> String {
        link(path, self.user.id, &self.spoken)
    }

    /// The section inside the portal.
    pub(super) fn render(&self, section: &Section) -> Html<String> {
        let texts = self.texts();
        let company = &self.portal.world().company;
        let values = [
            ("lang", self.language.code().to_owned()),
            ("title", escape(&format!("{} · {company}", section.heading))),
            ("home", self.link("/")),
            ("company", escape(company)),
            ("find", texts.find.to_owned()),
            ("language", texts.language.to_owned()),
            ("languages", self.languages(&section.path)),
            ("initials", escape(&initials(self.user))),
            ("viewer", escape(&full_name(self.user))),
            ("looking", texts.looking.to_owned()),
            ("viewers", self.viewers(&section.path)),
            ("menu_title", texts.menu.to_owned()),
            ("menu", self.menu(&section.path)),
            ("heading", escape(&section.heading)),
            ("content", section.content.clone()),
            ("scripts", section.scripts.to_owned()),
            ("sim_title", texts.sim_title.to_owned()),
            ("sim_hint", texts.sim_hint.to_owned()),
            ("sim_none", texts.sim_none.to_owned()),
            ("sim_clear", texts.sim_clear.to_owned()),
            ("sim_reload", texts.sim_reload.to_owned()),
            ("sim_buttons", panel::faults(self.language)),
            ("sim_life", texts.sim_life.to_owned()),
            ("sim_life_buttons", panel::actions(self.language)),
            ("sim_oauth", texts.sim_oauth.to_owned()),
            ("sim_oauth_buttons", panel::authority(self.language)),
            ("sim_own", texts.sim_own.to_owned()),
            ("sim_own_hint", texts.sim_own_hint.to_owned()),
            ("sim_send", texts.sim_send.to_owned()),
            ("oauth", escape(&self.portal.shared().oauth_url)),
        ];
        Html(fill(include_str!("../../assets/page.html"), &values))
    }

    fn languages(&self, path: &str) -> String {
        let entry = |language: Language| {
            let code = language.code();
            let current = mark(code == self.spoken);
            let (address, code) = (link(path, self.user.id, code), code.to_uppercase());
            format!("<a href=\"{address}\"{current}>{code}</a>")
        };
        Language::ALL.into_iter().map(entry).collect()
    }

    fn viewers(&self, path: &str) -> String {
        let world = self.portal.world();
        let mut ids: Vec<u32> = UserRole::ALL
            .into_iter()
            .map(|role| world.user_id(role))
            .collect();
        if !ids.contains(&self.user.id) {
            ids.push(self.user.id);
        }
        let users = ids.into_iter().filter_map(|id| world.user(id));
        users.map(|user| self.viewer_entry(path, user)).collect()
    }

    fn viewer_entry(&self, path: &str, user: &User) -> String {
        let texts = self.texts();
        let role = match self.portal.world().role_of(user.id) {
            UserRole::Administrator => texts.administrator,
            UserRole::Employee => texts.employee,
            UserRole::Narrow => texts.narrow,
        };
        let (current, address) = (mark(user == self.user), link(path, user.id, &self.spoken));
        let (letters, name) = (escape(&initials(user)), escape(&full_name(user)));
        format!(
            "<a href=\"{address}\"{current}><span class=\"avatar\">{letters}</span>\
             <span>{name}<small>{role}</small></span></a>"
        )
    }

    fn menu(&self, path: &str) -> String {
        let texts = self.texts();
        let entry = |address: &str, name: &str, icon: &str| {
            let current = mark(address == path);
            let link = self.link(address);
            format!(
                "<a href=\"{link}\"{current}><svg viewBox=\"0 0 20 20\" aria-hidden=\"true\">\
                 <path d=\"{icon}\"/></svg>{name}</a>"
            )
        };
        let portal = [
            entry("/", texts.feed, "M3 4h14v12H3zM6 8h8M6 12h5"),
            entry("/crm/", "CRM", "M3 4h14l-5 6v6l-4-2v-4z"),
            entry("/section/tasks", texts.tasks, "M3 10l4 4L17 4"),
            entry(
                "/section/calendar",
                texts.calendar,
                "M3 5h14v12H3zM3 9h14M7 3v4M13 3v4",
            ),
            entry("/section/drive", texts.drive, "M3 6h5l2 2h7v8H3z"),
            entry(
                "/company/",
                texts.company,
                "M10 10a3 3 0 100-6 3 3 0 000 6zM4 17a6 6 0 0112 0",
            ),
        ];
        let app = entry(
            APP_PATH,
            "CRMAP",
            "M4 5h5v5H4zM12 4h4v4h-4zM11 12h5v4h-5zM9 8l3-2M7 10l4 4",
        );
        let market = entry(MARKET_PATH, texts.market, "M4 8h12l-1 9H5zM7 8a3 3 0 016 0");
        let is_there = self.portal.app_state().standing != AppStanding::NotInstalled;
        let applications = match is_there && self.portal.may_use(self.user.id) {
            true => format!("{app}{market}"),
            false => market,
        };
        let heading = texts.applications;
        format!("{}<h2>{heading}</h2>{applications}", portal.concat())
    }
}

/// A person as the portal shows them.
pub(super) fn full_name(user: &User) -> String {
    format!("{} {}", user.name, user.last_name)
}

fn initials(user: &User) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}{}", first(&user.name), first(&user.last_name))
}

fn link(path: &str, user: u32, language: &str) -> String {
    format!("{path}?user={user}&amp;lang={language}")
}

/// Whether it looks like one of Bitrix24's: `ru`, `kz`, `de`.
fn is_language(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_lowercase())
}

const fn mark(is_current: bool) -> &'static str {
    if is_current {
        " aria-current=\"page\""
    } else {
        ""
    }
}
