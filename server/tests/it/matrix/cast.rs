//! Whoever may come to a route, and what they carry.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request};
use crmap_app::api::{Cabinets, LinkAnswer, LinkAsk};
use crmap_domain::Lang;
use crmap_domain::cabinet::Level;
use crmap_server::{OsEntropy, Site, router};
use crmap_service::{LogIn, Mail, MailError, Mailer, Registration, Services, Visitor};
use crmap_store::Store;
use portal_sim::{Cloud, Portal, UserRole};
use secrecy::{ExposeSecret as _, SecretString};

use super::rows::Row;
use crate::support::{
    FORM, Form, POSTCARD, TestClock, app, call, cloud, connector, open, patient, request, send,
    store,
};

/// Who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Somebody who carries nothing.
    Nobody,
    /// Somebody logged in to a cabinet that has nothing to do with what is asked for.
    Stranger,
    /// Somebody logged in to the cabinet that what is asked for belongs to.
    Owner,
    /// An employee of the portal, with the bearer of a page inside it.
    Employee,
    /// An administrator of the portal, likewise.
    Administrator,
}

impl Role {
    /// In the order of a row's answers.
    pub const ALL: [Self; 5] = [
        Self::Nobody,
        Self::Stranger,
        Self::Owner,
        Self::Employee,
        Self::Administrator,
    ];

    const fn in_portal(self) -> Option<UserRole> {
        match self {
            Self::Employee => Some(UserRole::Employee),
            Self::Administrator => Some(UserRole::Administrator),
            _ => None,
        }
    }
}

/// The addresses of the two cabinets, and the password of both.
pub const OWNER: &str = "owner@example.ru";
pub const STRANGER: &str = "stranger@example.ru";
pub const PASSWORD: &str = "lampa-ozero-volk-42";

/// Where somebody comes from who has a cabinet.
fn visitor(machine: u8) -> Visitor {
    Visitor {
        ip: [203, 0, 113, machine].into(),
        agent: "a browser".to_owned(),
    }
}

/// Makes an account.
async fn register(services: &Services, email: &str, machine: u8) {
    let registration = Registration {
        name: "Somebody".to_owned(),
        email: email.to_owned(),
        password: SecretString::from(PASSWORD),
        lang: Lang::Ru,
    };
    let made = services.register(registration, &visitor(machine)).await;
    made.unwrap();
}

/// The cookie of somebody who has just logged in.
async fn logged_in(services: &Services, email: &str, machine: u8) -> SecretString {
    let form = LogIn {
        email: email.to_owned(),
        password: SecretString::from(PASSWORD),
    };
    let logged_in = services.log_in(form, &visitor(machine), None, None).await;
    logged_in.unwrap().cookie
}

/// A mail server that takes everything.
struct Postman;

#[async_trait]
impl Mailer for Postman {
    async fn send(&self, _mail: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}

/// A server with two cabinets and a portal whose people have opened the application; it is linked
/// to one of the cabinets.
pub struct Cast {
    pub cloud: Cloud,
    pub router: Router,
    store: Arc<Store>,
    employee: String,
    administrator: String,
    owner: SecretString,
    stranger: SecretString,
    /// The name of another browser that the owner is logged in with.
    pub device: String,
    /// The name of a filter that the owner keeps.
    pub filter: String,
    /// The token by which the portal was linked to the owner's cabinet, and the link's name.
    token: String,
    link: String,
}

impl Cast {
    pub async fn assemble() -> Self {
        let cloud = cloud(1).await;
        let store = store().await;
        let settings = crmap_service::Settings {
            mailer: Some(Arc::new(Postman)),
            ..patient()
        };
        let services = Arc::new(Services::new(
            Arc::new(connector(&[cloud.oauth_url()])),
            Arc::clone(&store),
            Arc::new(TestClock::default()),
            Arc::new(OsEntropy),
            settings,
        ));
        register(&services, OWNER, 1).await;
        register(&services, STRANGER, 2).await;
        let owner = logged_in(&services, OWNER, 1).await;
        let stranger = logged_in(&services, STRANGER, 2).await;
        logged_in(&services, OWNER, 3).await;
        let entered = services.enter(owner.expose_secret(), &visitor(1)).await;
        let entered = entered.unwrap();
        let devices = services.devices(&entered).await.unwrap();
        let device = devices.into_iter().find(|device| !device.current).unwrap();
        let filter = services.save_filter(&entered, "A filter", "tag=VIP").await;
        let token = services.connection_token(&entered).await.unwrap();
        let router = router(app(Arc::clone(&services), Site::without_files()));
        let bearer = async |role| {
            let form = Form::of(cloud.portal(1), role);
            open(&router, &form).await.bearer()
        };
        let administrator = bearer(UserRole::Administrator).await;
        let employee = bearer(UserRole::Employee).await;
        let mut cast = Self {
            cloud,
            router,
            store,
            employee,
            administrator,
            owner,
            stranger,
            device: device.id,
            filter: filter.unwrap().id,
            token: token.expose_secret().to_owned(),
            link: String::new(),
        };
        cast.settled().await;
        cast.link().await;
        cast.settled().await;
        cast
    }

    /// Links the portal to the owner's cabinet, as its administrator does.
    async fn link(&mut self) {
        let ask = LinkAsk::Link(self.token.clone(), Level::Read);
        let arguments = postcard::to_allocvec(&Cabinets { ask }).unwrap();
        let bearer = self.bearer(Role::Administrator);
        let answer = send(&self.router, call("/api/cabinets", Some(bearer), arguments)).await;
        let LinkAnswer::Links(links) = postcard::from_bytes(&answer.body).unwrap() else {
            panic!("no links");
        };
        self.link = links[0].id.clone();
    }

    /// Everything that can be asked of the cabinets of the portal.
    pub fn asks(&self) -> [LinkAsk; 4] {
        [
            LinkAsk::Link(self.token.clone(), Level::ReadWrite),
            LinkAsk::List,
            LinkAsk::Preview(self.token.clone()),
            LinkAsk::Unlink(self.link.clone()),
        ]
    }

    /// Everything that is in the database.
    pub async fn rows(&self) -> BTreeSet<String> {
        self.store.dump().await.unwrap().into_iter().collect()
    }

    /// What an opening does behind the page's back has been done: the portal is installed, and
    /// nothing has been written for a while.
    async fn settled(&self) {
        let mut quiet = 0;
        let mut before = BTreeSet::new();
        for _ in 0..500 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let now = self.rows().await;
            let installed = now.iter().any(|row| row.contains("'portal.installed'"));
            quiet = if installed && now == before {
                quiet + 1
            } else {
                0
            };
            if quiet == 5 {
                return;
            }
            before = now;
        }
        panic!("the portal does not come to rest: {before:?}");
    }

    pub fn portal(&self) -> &Portal {
        self.cloud.portal(1)
    }

    pub fn member_id(&self) -> String {
        self.portal().member_id().to_owned()
    }

    /// The bearer of the role's page inside the portal; empty for whoever has none.
    pub fn bearer(&self, role: Role) -> &str {
        match role {
            Role::Employee => &self.employee,
            Role::Administrator => &self.administrator,
            _ => "",
        }
    }

    /// The cookie of the role's session in a cabinet.
    fn session(&self, role: Role) -> Option<&str> {
        match role {
            Role::Stranger => Some(self.stranger.expose_secret()),
            Role::Owner => Some(self.owner.expose_secret()),
            _ => None,
        }
    }

    /// What the portal posts when the role opens `door`; for strangers to the portal, a form that
    /// they made up.
    pub fn form(&self, role: Role, door: &'static str) -> Form {
        let form = Form::of(
            self.portal(),
            role.in_portal().unwrap_or(UserRole::Employee),
        );
        let form = match role.in_portal() {
            Some(_) => form,
            None => form.set("AUTH_ID", "made-up"),
        };
        form.to(door)
    }

    /// An access token of the role's; made up for strangers to the portal.
    pub fn token(&self, role: Role) -> String {
        let made_up = || "made-up".to_owned();
        role.in_portal()
            .map_or_else(made_up, |role| self.portal().access_token(role))
    }

    /// What the role sends to the row's route, from our own page or from the portal.
    pub fn request(&self, row: &Row, role: Role) -> Request<Body> {
        let (method, _) = row.name();
        let target = (row.target)(self, role);
        let mut asked = request(method.clone(), &target, (row.body)(self, role));
        let headers = asked.headers_mut();
        if method == Method::POST {
            let kind = if target.starts_with("/api/") {
                POSTCARD
            } else {
                FORM
            };
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            headers.insert("sec-fetch-site", row.site().parse().unwrap());
        }
        self.carried(asked, role)
    }

    /// A call of a server function by the role.
    pub fn call(&self, path: &str, role: Role, arguments: Vec<u8>) -> Request<Body> {
        self.carried(call(path, None, arguments), role)
    }

    /// A request with everything that the role carries.
    pub fn carried(&self, mut asked: Request<Body>, role: Role) -> Request<Body> {
        let headers = asked.headers_mut();
        let bearer = self.bearer(role);
        if !bearer.is_empty() {
            let bearer = format!("Bearer {bearer}");
            headers.insert(AUTHORIZATION, bearer.parse().unwrap());
        }
        if let Some(session) = self.session(role) {
            let cookie = format!("__Host-crmap={session}");
            headers.insert(COOKIE, cookie.parse().unwrap());
        }
        asked
    }
}
