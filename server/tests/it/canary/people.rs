//! What people do with a cabinet, and the secrets that come up while they do.

use std::time::Duration;

use axum::http::Method;
use crmap_app::api::cabinet::{
    AskReset, ChangeEmail, ChangePassword, DeleteAccount, JudgePassword, LogIn, RefreshPortal,
    Register, RenewToken, RequestsTo, ResetPassword,
};
use crmap_app::api::{Cabinets, LinkAsk};
use crmap_app::cabinet::data::{CabinetData, Page};
use crmap_app::data::EmbeddedData;
use crmap_domain::Lang;
use crmap_domain::cabinet::Level;
use leptos::server_fn::ServerFn;
use portal_sim::{Portal, UserRole};
use serde::Serialize;

use super::secrets::{Secrets, island};
use super::watched::Watched;
use crate::smtp_sink::{Letter, SmtpSink, Temper};
use crate::support::{FORM, POSTCARD, status_of};

const EMAIL: &str = "olga.canary@example.ru";
const SAME_SITE: &str = "Sec-Fetch-Site: same-origin\r\n";
const SESSION: &str = "session cookie";
const DEVICE: &str = "device cookie";
const TOKEN: &str = "connection token";

/// A person with a browser.
pub struct Person<'a> {
    pub watched: &'a mut Watched,
    pub secrets: &'a mut Secrets,
    pub sink: &'a SmtpSink,
    /// What came by mail, but for the letter with the code.
    pub letters: Vec<Letter>,
    session: String,
    device: String,
}

impl<'a> Person<'a> {
    pub fn new(watched: &'a mut Watched, secrets: &'a mut Secrets, sink: &'a SmtpSink) -> Self {
        Self {
            watched,
            secrets,
            sink,
            letters: Vec::new(),
            session: String::new(),
            device: String::new(),
        }
    }

    fn cookies(&self) -> String {
        if self.session.is_empty() {
            return String::new();
        }
        let (session, device) = (&self.session, &self.device);
        format!("Cookie: crmap={session}; crmap-device={device}\r\n")
    }

    async fn ask(&mut self, method: Method, target: &str, kind: &str, body: &[u8]) -> Vec<u8> {
        let extra = format!("{SAME_SITE}Content-Type: {kind}\r\n{}", self.cookies());
        self.watched
            .ask(method.as_str(), target, &extra, body)
            .await
    }

    async fn get(&mut self, target: &str) -> Vec<u8> {
        let page = self.ask(Method::GET, target, "text/plain", b"").await;
        // Its owner's own pages show it.
        if self.session.is_empty() || target.ends_with(".txt") || target.ends_with(".json") {
            return page;
        }
        self.watched.allow(&[TOKEN]);
        page
    }

    async fn submit(&mut self, target: &str, fields: &[(&str, &str)]) -> u16 {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(fields).finish();
        let answer = self.ask(Method::POST, target, FORM, body.as_bytes()).await;
        self.take_cookies(&answer);
        status_of(&answer).unwrap()
    }

    async fn call<F: ServerFn + Serialize>(&mut self, arguments: &F) -> u16 {
        let body = postcard::to_allocvec(arguments).unwrap();
        let answer = self.ask(Method::POST, F::PATH, POSTCARD, &body).await;
        self.take_cookies(&answer);
        status_of(&answer).unwrap()
    }

    /// The one place where a cookie belongs is the header that sets it.
    fn take_cookies(&mut self, answer: &[u8]) {
        let head = String::from_utf8_lossy(answer);
        for line in head.lines().take_while(|line| !line.is_empty()) {
            let Some(cookie) = line
                .to_lowercase()
                .starts_with("set-cookie: ")
                .then(|| &line[12..])
            else {
                continue;
            };
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            let (place, name) = match name {
                "crmap" => (&mut self.session, SESSION),
                "crmap-device" => (&mut self.device, DEVICE),
                _ => continue,
            };
            value.clone_into(place);
            if !value.is_empty() {
                self.secrets.add(name, &value);
                self.watched.allow(&[name]);
            }
        }
    }

    /// A password of this name that somebody types.
    fn password(&mut self, name: &'static str, password: &str) -> String {
        self.secrets.add(name, password)
    }

    /// From the registration to the last letter.
    pub async fn live(&mut self, portal: &Portal) {
        let password = self.password("password", "Kanarejka-poet-\"v-kletke\"-71");
        self.come_in(&password).await;
        self.link(portal).await;
        self.look_around(portal).await;
        let password = self.change(&password).await;
        self.forget(&password).await;
    }

    async fn come_in(&mut self, password: &str) {
        let wrong = self.password("wrong password", "Kanarejka-uletela-\\daleko-13");
        // The weak one is made of the address, and is refused for that.
        let weak = self.password("weak password", "canarycanarycanary");
        let long = self.password("long password", &"Kanarejka ".repeat(120));
        self.get("/register").await;
        for (password, status) in [(&*weak, 422), (&long, 422), (password, 303)] {
            let fields = [("name", "Ольга"), ("email", EMAIL), ("password", password)];
            assert_eq!(self.submit("/register", &fields).await, status);
        }
        for (password, status) in [(&*wrong, 403), (&long, 403), (password, 303)] {
            let fields = [("email", EMAIL), ("password", password)];
            assert_eq!(self.submit("/login", &fields).await, status);
        }
        assert!(!self.session.is_empty() && !self.device.is_empty());
        self.break_forms(&wrong).await;
    }

    /// What cannot be understood is told without being repeated.
    async fn break_forms(&mut self, password: &str) {
        let twice = format!("email=a&password={password}&password={password}");
        let broken = format!("email=%FF%FE&password={password}&code={password}&%%%");
        for (target, kind) in [
            ("/login", FORM),
            ("/register", FORM),
            ("/password/new", FORM),
            ("/login", "text/plain"),
            ("/login", "application/json"),
            ("/api/account/log-in", POSTCARD),
            ("/api/account/password", POSTCARD),
            ("/api/account/delete", FORM),
        ] {
            for body in [&twice, &broken] {
                self.ask(Method::POST, target, kind, body.as_bytes()).await;
            }
        }
        let huge = password.repeat(4_000);
        for target in ["/login", "/api/account/log-in"] {
            let answer = self.ask(Method::POST, target, FORM, huge.as_bytes()).await;
            assert_eq!(status_of(&answer), Some(413));
        }
    }

    async fn link(&mut self, portal: &Portal) {
        let page = self.get("/dashboard").await;
        let data: CabinetData = postcard::from_bytes(&island(&page).unwrap()).unwrap();
        let Page::Inside(inside) = data.page else {
            panic!("not inside");
        };
        let token = self.secrets.add(TOKEN, &inside.token);
        let form = self.secrets.form(portal, UserRole::Administrator);
        self.watched
            .post(&form.target(), "", &form.encoded_body())
            .await;
        self.watched.allow(&["bearer of the page"]);
        let page = &self.watched.pages.last().unwrap().bytes;
        let data: EmbeddedData = postcard::from_bytes(&island(page).unwrap()).unwrap();
        let bearer = self.secrets.add("bearer of the page", &data.bearer);
        let (start, last) = token.split_at(token.len() - 1);
        let other = if last.eq_ignore_ascii_case("x") {
            "7"
        } else {
            "X"
        };
        let mistyped = format!("{start}{other}");
        for (ask, status) in [
            (LinkAsk::Preview(mistyped), 422),
            (LinkAsk::Preview(token.clone()), 200),
            (LinkAsk::Link(token, Level::Read), 200),
            (LinkAsk::List, 200),
        ] {
            let body = postcard::to_allocvec(&Cabinets { ask }).unwrap();
            let extra = format!(
                "{SAME_SITE}Content-Type: {POSTCARD}\r\nAuthorization: Bearer {bearer}\r\n"
            );
            let answer = self
                .watched
                .ask("POST", "/api/cabinets", &extra, &body)
                .await;
            assert_eq!(status_of(&answer), Some(status));
        }
    }

    async fn look_around(&mut self, portal: &Portal) {
        let page = format!("/portals/{}", portal.member_id());
        for target in ["/dashboard", "/profile", "/logout", "/no/such/page", "/"] {
            self.get(target).await;
        }
        for view in [
            "",
            "?view=connection",
            "?tab=users",
            "/specification.txt",
            "/specification.json",
        ] {
            let answer = self.get(&format!("{page}{view}")).await;
            assert_eq!(status_of(&answer), Some(200), "{view}");
        }
        let member_id = portal.member_id().to_owned();
        let (lang, after) = (Lang::Ru, None);
        let requests = RequestsTo {
            member_id: member_id.clone(),
            after,
        };
        assert_eq!(self.call(&RefreshPortal { member_id, lang }).await, 200);
        assert_eq!(self.call(&requests).await, 200);
        let renewed = self
            .ask(Method::POST, RenewToken::PATH, POSTCARD, b"")
            .await;
        let token = renewed
            .windows(6)
            .rposition(|window| window == b"crmap_")
            .unwrap();
        let token = String::from_utf8(renewed[token..].to_vec()).unwrap();
        self.secrets.add(TOKEN, &token);
        self.watched.allow(&[TOKEN]);
    }

    /// Another password; the new one.
    async fn change(&mut self, present: &str) -> String {
        let wrong = self.password("wrong present password", "Kanarejka-spit-na-zherdi-29");
        let new = self.password("new password", "Kanarejka-vernulas-domoj-58");
        let judge = JudgePassword {
            password: new.clone(),
            about: vec![EMAIL.to_owned()],
        };
        assert_eq!(self.call(&judge).await, 200);
        for (present, status) in [(&*wrong, 403), (present, 200)] {
            let change = ChangePassword {
                present: present.to_owned(),
                password: new.clone(),
            };
            assert_eq!(self.call(&change).await, status);
        }
        let (email, password) = ("olga.kanarejka@example.ru".to_owned(), wrong.clone());
        assert_eq!(self.call(&ChangeEmail { email, password }).await, 403);
        assert_eq!(self.call(&DeleteAccount { password: wrong }).await, 403);
        new
    }

    /// The password is forgotten, and set anew by the code of a letter.
    async fn forget(&mut self, present: &str) {
        assert_eq!(self.submit("/logout", &[]).await, 303);
        self.session.clear();
        let log_in = LogIn {
            email: EMAIL.to_owned(),
            password: present.to_owned(),
        };
        assert_eq!(self.call(&log_in).await, 200);
        assert_eq!(self.submit("/password", &[("email", EMAIL)]).await, 200);
        let letter = self.letter_about("Задайте новый пароль").await;
        let text = letter.text();
        let (_, code) = text.split_once("/password/new#").unwrap();
        let code = code.split('\n').next().unwrap();
        let code = self.secrets.add("code of a letter", code);
        let made_up = self.secrets.add("made-up code", &"Q7".repeat(21));
        let password = self.password("last password", "Kanarejka-bolshe-ne-poet-83");
        self.get("/password/new").await;
        for (code, password, status) in [
            (&*made_up, &*password, 422),
            (&code, "canarycanarycanary", 422),
            (&code, &password, 303),
            (&code, &password, 422),
        ] {
            let fields = [("code", code), ("password", password)];
            assert_eq!(self.submit("/password/new", &fields).await, status);
        }
        let (code, again) = (code.clone(), password.clone());
        assert_eq!(
            self.call(&ResetPassword {
                code,
                password: again
            })
            .await,
            422
        );
        let told = self.letter_about("пароль CRMAP задан заново").await;
        self.letters.push(told);
        self.leave_letters_behind(&password).await;
    }

    /// The letter with this in its subject; what comes before it is kept.
    async fn letter_about(&mut self, subject: &str) -> Letter {
        loop {
            let letter = self.sink.letter_to(EMAIL).await;
            if letter.subject().contains(subject) {
                return letter;
            }
            self.letters.push(letter);
        }
    }

    /// Letters that nobody takes wait in the outbox, sealed.
    async fn leave_letters_behind(&mut self, password: &str) {
        self.sink.be(Temper::Busy);
        let sink = self.sink;
        let tried = || {
            let said = sink.said();
            said.iter().filter(|line| line.starts_with("RCPT")).count()
        };
        let before = tried();
        let (email, lang) = (EMAIL.to_owned(), Lang::Ru);
        assert_eq!(self.call(&AskReset { email, lang }).await, 200);
        let register = Register {
            name: "Некто".to_owned(),
            email: EMAIL.to_owned(),
            password: password.to_owned(),
            lang: Lang::Ru,
        };
        assert_eq!(self.call(&register).await, 200);
        while tried() == before {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.secrets.add(
            "words of a letter",
            "Откройте ссылку и задайте новый пароль",
        );
        self.secrets.add("link of a letter", "/password/new#");
        self.secrets
            .add("words of a letter", "Войдите с этим адресом почты");
    }
}
