//! Pages before the door, and their forms.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use crmap_app::cabinet::data::{
    Done, LoginForm, NewPasswordForm, Outside, PasswordForm, RegisterForm,
};
use crmap_domain::cabinet::Denial;
use crmap_service::{LogIn, LoggedIn, Registration};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Browser, outside, refused};
use crate::router::App;
use crate::taking::{Parameters, Posted};

/// What led to the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Before {
    done: Option<String>,
}

/// `GET /login`
pub(crate) async fn login(
    State(app): State<App>,
    Parameters(before): Parameters<Before>,
    browser: Browser,
) -> Response {
    if browser.enter(&app).await.is_ok() {
        return Redirect::to("/dashboard").into_response();
    }
    let done = before.done.as_deref().and_then(Done::from_slug);
    let form = LoginForm {
        done,
        ..LoginForm::default()
    };
    outside(&app, &browser, StatusCode::OK, Outside::Login(form))
}

/// The form of logging in.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default = "empty")]
    password: SecretString,
}

fn empty() -> SecretString {
    SecretString::from("")
}

/// `POST /login`
pub(crate) async fn log_in(
    State(app): State<App>,
    browser: Browser,
    Posted(form): Posted<Credentials>,
) -> Response {
    let email = form.email.clone();
    let log_in = LogIn {
        email: form.email,
        password: form.password,
    };
    let shown = |secret: &Option<SecretString>| {
        secret
            .as_ref()
            .map(|secret| secret.expose_secret().to_owned())
    };
    let (device, old) = (shown(&browser.device), shown(&browser.session));
    let logged_in = app
        .services
        .log_in(log_in, &browser.visitor, device.as_deref(), old.as_deref())
        .await;
    match logged_in {
        Ok(logged_in) => let_in(&app, &logged_in),
        Err(denial) => {
            let form = LoginForm {
                email,
                denial: Some(denial.clone()),
                done: None,
            };
            refused(&app, &browser, &denial, Outside::Login(form))
        }
    }
}

fn let_in(app: &App, logged_in: &LoggedIn) -> Response {
    let cookies = app
        .front
        .cookies()
        .log_in(&logged_in.cookie, logged_in.lives, &logged_in.device);
    let cookies = cookies
        .into_iter()
        .map(|cookie: HeaderValue| (header::SET_COOKIE, cookie));
    (
        AppendHeaders(cookies.collect::<Vec<_>>()),
        Redirect::to("/dashboard"),
    )
        .into_response()
}

/// `GET /register`
pub(crate) async fn registration(State(app): State<App>, browser: Browser) -> Response {
    if browser.enter(&app).await.is_ok() {
        return Redirect::to("/dashboard").into_response();
    }
    let form = Outside::Register(RegisterForm::default());
    outside(&app, &browser, StatusCode::OK, form)
}

/// The form of registering.
#[derive(Deserialize)]
pub(crate) struct Applicant {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default = "empty")]
    password: SecretString,
}

/// `POST /register`
pub(crate) async fn register(
    State(app): State<App>,
    browser: Browser,
    Posted(form): Posted<Applicant>,
) -> Response {
    let (name, email) = (form.name.clone(), form.email.clone());
    let registration = Registration {
        name: form.name,
        email: form.email,
        password: form.password,
        lang: browser.lang,
    };
    match app.services.register(registration, &browser.visitor).await {
        Ok(()) => Redirect::to("/login?done=registered").into_response(),
        Err(denial) => {
            let form = RegisterForm {
                name,
                email,
                denial: Some(denial.clone()),
            };
            refused(&app, &browser, &denial, Outside::Register(form))
        }
    }
}

/// `GET /password`
pub(crate) async fn password(State(app): State<App>, browser: Browser) -> Response {
    let form = forgotten(&app, String::new(), None, false);
    outside(&app, &browser, StatusCode::OK, form)
}

/// The form of a forgotten password.
#[derive(Deserialize)]
pub(crate) struct Forgotten {
    #[serde(default)]
    email: String,
}

/// `POST /password`
pub(crate) async fn ask_reset(
    State(app): State<App>,
    browser: Browser,
    Posted(form): Posted<Forgotten>,
) -> Response {
    let asked = app
        .services
        .ask_reset(&form.email, browser.lang, &browser.visitor)
        .await;
    match asked {
        Ok(()) => {
            let form = forgotten(&app, form.email, None, true);
            outside(&app, &browser, StatusCode::OK, form)
        }
        Err(denial) => {
            let form = forgotten(&app, form.email, Some(denial.clone()), false);
            refused(&app, &browser, &denial, form)
        }
    }
}

fn forgotten(app: &App, email: String, denial: Option<Denial>, asked: bool) -> Outside {
    let write_to = (!app.services.sends_mail()).then(|| app.operator.email.clone());
    Outside::Password(PasswordForm {
        email,
        denial,
        asked,
        write_to,
    })
}

/// `GET /password/new`: shows the form alone; programs that look at links in mails use nothing up
/// (SEC-68).
pub(crate) async fn new_password(State(app): State<App>, browser: Browser) -> Response {
    let form = Outside::NewPassword(NewPasswordForm::default());
    outside(&app, &browser, StatusCode::OK, form)
}

/// The form of a new password.
#[derive(Deserialize)]
pub(crate) struct NewSecret {
    #[serde(default = "empty")]
    code: SecretString,
    #[serde(default = "empty")]
    password: SecretString,
}

/// `POST /password/new`
pub(crate) async fn set_password(
    State(app): State<App>,
    browser: Browser,
    Posted(form): Posted<NewSecret>,
) -> Response {
    let code = form.code.expose_secret().trim().to_owned();
    let set = app
        .services
        .reset_password(&code, form.password, &browser.visitor)
        .await;
    match set {
        Ok(device) => {
            let known = app.front.cookies().know(&device);
            let known = known.map(|cookie| (header::SET_COOKIE, cookie));
            let login = Redirect::to("/login?done=password");
            (AppendHeaders(known), login).into_response()
        }
        Err(denial) => {
            let form = NewPasswordForm {
                denial: Some(denial.clone()),
            };
            refused(&app, &browser, &denial, Outside::NewPassword(form))
        }
    }
}
