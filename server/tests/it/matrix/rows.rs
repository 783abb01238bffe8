//! The matrix: what each role gets from each route. A new route needs a line here.

use axum::http::Method;
use crmap_app::api::cabinet::{
    AskReset, ChangeEmail, ChangePassword, DeleteAccount, DescribePortal, EndDevice, Find,
    HistoryOf, JudgePassword, LogIn, LookedAt, NewsSeen, RefreshPortal, Register, Rename,
    RequestsTo, ResetPassword, UnlinkPortal,
};
use crmap_app::api::comparing::{ForgetMatch, MatchItems};
use crmap_app::api::fleet::{
    DeleteFilter, FavourPortals, PutRunAway, RenameFilter, SaveFilter, StartRun, StopRun,
    TagPortals,
};
use crmap_app::api::{Cabinets, RenewSession};
use crmap_app::cabinet::filter::Filter;
use crmap_domain::Lang;
use crmap_domain::cabinet::{Description, HistoryFilter, RunOf, TagChange};
use crmap_domain::compare::HandMatch;
use crmap_domain::item::ItemKind;
use crmap_server::{Access, routes};
use serde::Serialize;

use super::cast::{Cast, OWNER, PASSWORD, Role, STRANGER};
use crate::support::Answer;

type Make<T> = Box<dyn Fn(&Cast, Role) -> T>;

/// A route, how it is asked, and what comes of it for each role, in the order of [`Role::ALL`]:
///
/// * `200` — this status;
/// * `200 word` — and the word in the body;
/// * `200 !word` — and the word not in the body;
/// * `303 /path` — a way that begins so.
///
/// `{portal}` stands for the address of the portal.
pub struct Row {
    /// Method and path as the table of routes has them.
    pub route: &'static str,
    pub target: Make<String>,
    pub body: Make<Vec<u8>>,
    pub answers: [&'static str; 5],
    /// Whether it changes what the next role would find.
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

    /// For a server function.
    fn calling<T: Serialize>(self, arguments: impl Fn(&Cast, Role) -> T + 'static) -> Self {
        self.saying(move |cast, role| postcard::to_allocvec(&arguments(cast, role)).unwrap())
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
pub fn is_as_said(cast: &Cast, answer: &Answer, said: &str) -> bool {
    let said = said.replace("{portal}", &cast.portal().domain());
    let (status, more) = said.split_once(' ').unwrap_or((&said, ""));
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
/// The way of whoever has to log in first.
const IN: &str = "303 /login";
/// Another password.
const NEW: &str = "gorod-trava-parus-57";

pub fn rows() -> Vec<Row> {
    doors().into_iter().chain(rooms()).collect()
}

/// What anybody and portals come to.
#[rustfmt::skip]
fn doors() -> Vec<Row> {
    vec![
        for_all("GET /healthz", "200"),
        for_all("GET /readyz", "200"),
        for_all("GET /design", "200 !crmap-data"),
        for_all("GET /.well-known/security.txt", "200 Contact: mailto:"),
        for_all("GET /help", "200 id=\"matching\""),
        for_all("GET /help/portal", "200 id=\"prefix\""),
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

/// The cabinet, before its door and behind it.
#[rustfmt::skip]
fn rooms() -> Vec<Row> {
    vec![
        //                                     nobody, stranger, owner, employee, administrator
        row("GET /",                          [IN, "303 /dashboard", "303 /dashboard", IN, IN]),
        row("GET /login",                     [DATA, "303 /dashboard", "303 /dashboard", DATA, DATA]),
        row("GET /register",                  [DATA, "303 /dashboard", "303 /dashboard", DATA, DATA]),
        for_all("GET /password", DATA),
        for_all("GET /password/new", DATA),
        row("GET /dashboard",                 [IN, "200 !{portal}", "200 {portal}", IN, IN]),
        row("GET /search",                    [IN, "200 !{portal}", "200 {portal}", IN, IN]).at(search),
        row("GET /profile",                   [IN, "200 stranger@example.ru", "200 owner@example.ru", IN, IN]),
        row("GET /logout",                    [IN, DATA, DATA, IN, IN]),
        row("GET /portals/{id}",              [IN, "404 !{portal}", "200 {portal}", IN, IN]).at(sheet),
        row("GET /portals/{id}/{file}",       [IN, "404 !{portal}", "200 {portal}", IN, IN]).at(text_file),
        row("POST /portals/export",           [IN, "404 !{portal}", "200 crmap_", IN, IN]).saying(|_, _| b"format=csv".to_vec()).afresh(),
        row("GET /compare",                   [IN, "404 !{portal}", "200 {portal}", IN, IN]).at(comparison),
        row("GET /compare/{file}",            [IN, "404 !{portal}", "200 {portal}", IN, IN]).at(comparison_file),
        row("POST /login",                    ["403", "303 /dashboard", "303 /dashboard", "403", "403"]).saying(credentials).afresh(),
        for_all("POST /register", "303 /login?done=registered").saying(application).afresh(),
        for_all("POST /password", "200").saying(forgotten).afresh(),
        for_all("POST /password/new", "422").saying(|_, _| b"code=guess&password=gorod-trava-parus-57".to_vec()),
        for_all("POST /preferences", "303 /login").saying(|_, _| b"lang=en&theme=dark&back=/login".to_vec()).afresh(),
        for_all("POST /logout", "303 /login?done=left").afresh(),
        row("POST /api/account/log-in",       ["403", "200", "200", "403", "403"]).calling(log_in).afresh(),
        for_all("POST /api/account/register", "200").calling(register).afresh(),
        for_all("POST /api/account/reset/ask", "200").calling(ask_reset).afresh(),
        for_all("POST /api/account/reset", "422").calling(|_, _| ResetPassword { code: "guess".into(), password: NEW.into() }),
        for_all("POST /api/account/judge", "200").calling(|_, _| JudgePassword { password: NEW.into(), about: Vec::new() }),
        for_account("POST /api/account/rename").calling(|_, _| Rename { name: "Another".into() }),
        for_account("POST /api/account/email").calling(|_, _| ChangeEmail { email: "new@example.ru".into(), password: PASSWORD.into() }),
        for_account("POST /api/account/password").calling(|_, _| ChangePassword { present: PASSWORD.into(), password: NEW.into() }),
        for_account("POST /api/account/devices/end-others"),
        for_account("POST /api/account/delete").calling(|_, _| DeleteAccount { password: PASSWORD.into() }),
        for_account("POST /api/account/token/renew"),
        row("POST /api/search",               ["401", "200 !{portal}", "200 {portal}", "401", "401"]).calling(|_, _| Find { query: FUNNEL.into(), only: None }),
        for_account("POST /api/account/news/seen").calling(|_, _| NewsSeen { until_ms: i64::from(u32::MAX) * 1_000 }),
        for_owner("POST /api/account/devices/end").calling(|cast, _| EndDevice { id: cast.device.clone() }),
        for_owner("POST /api/portal/describe").calling(describe),
        for_owner("POST /api/portal/refresh").calling(|cast, _| RefreshPortal { member_id: cast.member_id(), lang: Lang::Ru }),
        for_owner("POST /api/portal/looked-at").calling(|cast, _| LookedAt { member_id: cast.member_id(), version: 0 }),
        for_owner("POST /api/portal/history").calling(|cast, _| HistoryOf { member_id: cast.member_id(), filter: HistoryFilter::default(), after: None }),
        for_owner("POST /api/portal/unlink").calling(|cast, _| UnlinkPortal { member_id: cast.member_id() }),
        for_owner("POST /api/portal/requests").calling(|cast, _| RequestsTo { member_id: cast.member_id(), after: None }),
        for_owner("POST /api/portal/favour").calling(|cast, _| FavourPortals { portals: vec![cast.member_id()], favourite: true }),
        for_owner("POST /api/portal/tag").calling(tag),
        for_account("POST /api/fleet/cards"),
        for_account("POST /api/filter/save").calling(|_, _| SaveFilter { name: "Another".into(), filter: Filter::default() }),
        for_owner("POST /api/filter/rename").calling(|cast, _| RenameFilter { id: cast.filter.clone(), name: "New".into() }),
        for_owner("POST /api/filter/delete").calling(|cast, _| DeleteFilter { id: cast.filter.clone() }),
        for_account("POST /api/run/start").calling(|_, _| StartRun { which: RunOf::All }),
        for_account("POST /api/run/progress"),
        for_nobody("POST /api/run/stop").calling(|_, _| StopRun { id: "guess".into() }),
        for_nobody("POST /api/run/put-away").calling(|_, _| PutRunAway { id: "guess".into() }),
        for_owner("POST /api/compare/match").calling(match_items),
        for_owner("POST /api/compare/forget").calling(forget_match),
        row("POST /api/cabinets",             LINKING).calling(|cast, _| Cabinets { ask: cast.asks()[0].clone() }).afresh(),
    ]
}

/// What is asked of the cabinets of a portal is for its administrators alone.
pub const LINKING: [&str; 5] = ["401", "401", "401", "403", "200"];

/// For whoever is logged in, and upon their own account.
fn for_account(route: &'static str) -> Row {
    row(route, ["401", "200", "200", "401", "401"]).afresh()
}

/// Upon something that one account alone has.
fn for_owner(route: &'static str) -> Row {
    row(route, ["401", "404", "200", "401", "401"]).afresh()
}

/// Upon something that nobody has; that what one has is not another's is told elsewhere.
fn for_nobody(route: &'static str) -> Row {
    row(route, ["401", "404", "404", "401", "401"])
}

fn tag(cast: &Cast, _role: Role) -> TagPortals {
    TagPortals {
        portals: vec![cast.member_id()],
        change: TagChange {
            add: vec!["VIP".to_owned()],
            remove: Vec::new(),
        },
    }
}

fn sheet(cast: &Cast, _role: Role) -> String {
    format!("/portals/{}", cast.member_id())
}

/// Every portal has the funnel of this number.
const FUNNEL: &str = "0";

fn search(_cast: &Cast, _role: Role) -> String {
    format!("/search?q={FUNNEL}")
}

fn text_file(cast: &Cast, role: Role) -> String {
    format!("{}/specification.txt", sheet(cast, role))
}

/// The portal beside itself: the matrix has one.
fn sides(cast: &Cast) -> String {
    format!("left={0}&right={0}", cast.member_id())
}

fn comparison(cast: &Cast, _role: Role) -> String {
    format!("/compare?{}", sides(cast))
}

fn comparison_file(cast: &Cast, _role: Role) -> String {
    format!("/compare/comparison.txt?{}", sides(cast))
}

fn said() -> HandMatch {
    HandMatch {
        kind: ItemKind::Funnel,
        left: "0".to_owned(),
        right: "0".to_owned(),
    }
}

fn match_items(cast: &Cast, _role: Role) -> MatchItems {
    MatchItems {
        left: cast.member_id(),
        right: cast.member_id(),
        said: vec![said()],
    }
}

fn forget_match(cast: &Cast, _role: Role) -> ForgetMatch {
    ForgetMatch {
        left: cast.member_id(),
        right: cast.member_id(),
        said: said(),
    }
}

/// Everybody logs in to an account of their own; whoever has none, to the owner's with a guess.
fn log_in(_cast: &Cast, role: Role) -> LogIn {
    let (email, password) = match role {
        Role::Owner => (OWNER, PASSWORD),
        Role::Stranger => (STRANGER, PASSWORD),
        _ => (OWNER, NEW),
    };
    LogIn {
        email: email.to_owned(),
        password: password.to_owned(),
    }
}

fn credentials(cast: &Cast, role: Role) -> Vec<u8> {
    let LogIn { email, password } = log_in(cast, role);
    encoded(&[("email", &email), ("password", &password)])
}

fn register(_cast: &Cast, _role: Role) -> Register {
    Register {
        name: "Somebody".to_owned(),
        email: "new@example.ru".to_owned(),
        password: NEW.to_owned(),
        lang: Lang::Ru,
    }
}

fn application(_cast: &Cast, _role: Role) -> Vec<u8> {
    let email = "new@example.ru";
    encoded(&[("name", "Somebody"), ("email", email), ("password", NEW)])
}

fn ask_reset(_cast: &Cast, _role: Role) -> AskReset {
    AskReset {
        email: OWNER.to_owned(),
        lang: Lang::Ru,
    }
}

fn forgotten(_cast: &Cast, _role: Role) -> Vec<u8> {
    encoded(&[("email", OWNER)])
}

fn describe(cast: &Cast, _role: Role) -> DescribePortal {
    DescribePortal {
        member_id: cast.member_id(),
        description: Description {
            label: "Label".to_owned(),
            ..Description::default()
        },
    }
}

fn encoded(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish().into_bytes()
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
