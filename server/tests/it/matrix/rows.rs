//! The matrix: what each role gets from each route. A new route needs a line here.

use axum::http::Method;
use crmap_app::api::RenewSession;
use crmap_domain::Lang;
use crmap_server::{Access, routes};

use super::cast::{Cast, Role};
use crate::support::Answer;

type Make<T> = Box<dyn Fn(&Cast, Role) -> T>;

/// A route, how it is asked, and what comes of it for each role, in the order of [`Role::ALL`]:
///
/// * `200` — this status;
/// * `200 word` — and the word in the body;
/// * `200 !word` — and the word not in the body;
/// * `303 /path` — a way that begins so.
pub struct Row {
    /// Method and path as the table of routes has them.
    pub route: &'static str,
    pub target: Make<String>,
    pub body: Make<Vec<u8>>,
    pub answers: [&'static str; 5],
    /// Whether each role has to find everything as it was in the beginning.
    pub afresh: bool,
}

fn row(route: &'static str, answers: [&'static str; 5]) -> Row {
    let (_, path) = route.split_once(' ').unwrap();
    Row {
        route,
        target: Box::new(move |_, _| path.to_owned()),
        body: Box::new(|_, _| Vec::new()),
        answers,
        afresh: false,
    }
}

/// The same for everybody.
fn for_all(route: &'static str, answer: &'static str) -> Row {
    row(route, [answer; 5])
}

impl Row {
    /// For a path with something that varies.
    fn at(mut self, target: impl Fn(&Cast, Role) -> String + 'static) -> Self {
        self.target = Box::new(target);
        self
    }

    fn saying(mut self, body: impl Fn(&Cast, Role) -> Vec<u8> + 'static) -> Self {
        self.body = Box::new(body);
        self
    }

    /// What the portal posts when somebody opens the route in it.
    fn opened(self) -> Self {
        let (_, door) = self.route.split_once(' ').unwrap();
        self.at(move |cast, role| cast.form(role, door).target())
            .saying(move |cast, role| cast.form(role, door).encoded_body().into_bytes())
    }

    /// For what changes what the next role would find.
    fn afresh(mut self) -> Self {
        self.afresh = true;
        self
    }

    /// Method and path.
    pub fn name(&self) -> (Method, &'static str) {
        let (method, path) = self.route.split_once(' ').unwrap();
        (method.parse().unwrap(), path)
    }

    /// Who may come, as the server's own table says.
    pub fn access(&self) -> Access {
        let name = self.name();
        let known = routes();
        let mut known = known
            .iter()
            .filter(|route| (route.method.clone(), route.path) == name);
        known
            .next()
            .unwrap_or_else(|| panic!("no route {}", self.route))
            .access
    }

    /// Where a browser says that such a request comes from.
    pub fn site(&self) -> &'static str {
        match self.access() {
            Access::Portal => "cross-site",
            _ => "same-origin",
        }
    }

    pub fn expected(&self, role: Role) -> &'static str {
        let place = Role::ALL.iter().position(|known| *known == role).unwrap();
        self.answers[place]
    }
}

/// Whether an answer is what a row says.
pub fn is_as_said(answer: &Answer, said: &str) -> bool {
    let (status, more) = said.split_once(' ').unwrap_or((said, ""));
    let body = String::from_utf8_lossy(&answer.body);
    let holds = match more.strip_prefix('!') {
        Some(absent) => !body.contains(absent),
        None if status.starts_with('3') => answer.header("location").starts_with(more),
        None => body.contains(more),
    };
    answer.status.as_str() == status && holds
}

/// Whether a row's answer keeps somebody out.
pub fn is_refusal(said: &str) -> bool {
    (said.starts_with("303 ") && said.contains("login"))
        || ["401", "403", "404"]
            .iter()
            .any(|status| said.starts_with(status))
}

/// Names of things in pages: the session of a page, the form of the installer, its end.
const DATA: &str = "200 crmap-data";
const OFFER: &str = "200 name=\"bearer\"";
const NO_OFFER: &str = "200 !name=\"bearer\"";
const DONE: &str = "200 data-finish-install";
const NOT_DONE: &str = "200 !data-finish-install";

#[rustfmt::skip]
pub fn rows() -> Vec<Row> {
    vec![
        for_all("GET /", "200"),
        for_all("GET /healthz", "200"),
        for_all("GET /readyz", "200"),
        for_all("GET /legal/{name}", "200").at(|_, _| "/legal/license".to_owned()),
        for_all("GET /bitrix/app", "200 !crmap-data"),
        for_all("GET /bitrix/install", "200 !name=\"bearer\""),
        for_all("GET /bitrix/events", "200"),
        for_all("GET /pkg/{*file}", "404").at(|_, _| "/pkg/crmap-1.js".to_owned()),
        for_all("GET /{*file}", "404").at(|_, _| "/robots.txt".to_owned()),
        for_all("POST /bitrix/events", "200").saying(forged_farewell),
        //                                     nobody, stranger, owner, employee, administrator
        row("POST /bitrix/app",               ["403", "403", "403", DATA, DATA]).opened(),
        row("POST /bitrix/install",           ["403", "403", "403", NO_OFFER, OFFER]).opened(),
        row("POST /bitrix/install/complete",  ["401", "401", "401", NOT_DONE, DONE]).saying(consent),
        row("POST /api/specification/read",   ["401", "401", "401", "200", "200"]),
        row("POST /api/session/renew",        ["403", "403", "403", "200", "200"]).saying(renewal).afresh(),
    ]
}

/// The form of the installer's page.
fn consent(cast: &Cast, role: Role) -> Vec<u8> {
    format!("bearer={}&lang=ru", cast.bearer(role)).into_bytes()
}

/// Nobody learns whether a farewell was believed; that nothing comes of this one is told elsewhere.
fn forged_farewell(cast: &Cast, _role: Role) -> Vec<u8> {
    let portal = cast.portal();
    format!(
        "event=ONAPPUNINSTALL&data%5BCLEAN%5D=1&ts=1767225600&auth%5Bdomain%5D={}\
         &auth%5Bmember_id%5D={}&auth%5Bapplication_token%5D=guess",
        portal.domain(),
        portal.member_id()
    )
    .into_bytes()
}

fn renewal(cast: &Cast, role: Role) -> Vec<u8> {
    let arguments = RenewSession {
        access_token: cast.token(role),
        member_id: cast.portal().member_id().to_owned(),
        address: cast.portal().domain(),
        lang: Lang::Ru,
    };
    postcard::to_allocvec(&arguments).unwrap()
}
