//! What the cabinet's server functions do on the server: who asks, what may be taken, which cookies
//! the answer sets.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use crmap_domain::cabinet::{Denial, Strength};
use crmap_domain::compare::Side;
use crmap_domain::moment::from_ms;
use crmap_domain::{Lang, MemberId, Trouble};
use crmap_service::{Entered, LogIn, LoggedIn, Registration, Services, Visitor};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use secrecy::{ExposeSecret, SecretString};

use super::{LinkAnswer, LinkAsk};
use crate::error::{AppError, Denied};

/// Who sent a request: put into the context of each server function by the server.
#[derive(Clone)]
pub struct Caller {
    /// From where, and by which browser.
    pub visitor: Visitor,
    /// The cookie of its session, if it sent one.
    pub session: Option<SecretString>,
    /// The cookie by which it is known to have logged in before, if it sent one.
    pub device: Option<SecretString>,
    /// How cookies are written here.
    pub cookies: Arc<dyn CookieWriter>,
}

/// How cookies are written.
pub trait CookieWriter: Send + Sync {
    /// The headers that log in.
    fn log_in(&self, logged_in: &LoggedIn) -> Vec<HeaderValue>;
    /// The headers by which a browser is known when it logs in.
    fn know(&self, device: &SecretString) -> Vec<HeaderValue>;
    /// The headers that log out.
    fn log_out(&self) -> Vec<HeaderValue>;
}

impl Caller {
    /// Whose session it is.
    ///
    /// # Errors
    /// [`Denial::SignedOut`] where there is none, [`Denial::StoreUnavailable`].
    pub async fn enter(&self, services: &Services) -> Result<Entered, Denial> {
        let session = self.session.as_ref().ok_or(Denial::SignedOut)?;
        services.enter(session.expose_secret(), &self.visitor).await
    }
}

fn context() -> (Arc<Services>, Caller) {
    (expect_context(), expect_context())
}

/// The use cases and the browser that is logged in.
pub(super) async fn entered() -> Result<(Arc<Services>, Entered), Denied> {
    let (services, caller) = context();
    let entered = caller.enter(&services).await.map_err(refuse)?;
    Ok((services, entered))
}

/// As [`entered`], with the portal that is meant. What cannot be one is as unknown as any other.
pub(super) async fn portal(member_id: &str) -> Result<(Arc<Services>, Entered, MemberId), Denied> {
    let (services, entered) = entered().await?;
    Ok((services, entered, member(member_id)?))
}

/// The portal of a name that a browser sent.
pub(super) fn member(member_id: &str) -> Result<MemberId, Denied> {
    MemberId::parse(member_id).map_err(|_| refuse(Denial::NotFound))
}

/// As [`entered`], with the portals that are meant. What cannot be one is left out, as what is not
/// linked is.
pub(super) async fn portals(
    portals: &[String],
) -> Result<(Arc<Services>, Entered, Vec<MemberId>), Denied> {
    let (services, entered) = entered().await?;
    let portals = portals.iter().filter_map(|id| MemberId::parse(id).ok());
    Ok((services, entered, portals.collect()))
}

/// A side of a comparison as an address writes it. What cannot be one is as unknown as any other.
pub(super) fn side(text: &str) -> Result<Side, Denied> {
    Side::parse(text).ok_or_else(|| refuse(Denial::NotFound))
}

/// Why a page inside a portal has no session.
const fn denial_of(error: &AppError) -> Denial {
    match error {
        AppError::Portal(Trouble::StoreUnavailable) => Denial::StoreUnavailable,
        _ => Denial::SignedOut,
    }
}

/// See [`super::cabinets`].
pub(super) async fn cabinets(ask: LinkAsk) -> Result<LinkAnswer, Denied> {
    let (services, session) = super::guard::session()
        .await
        .map_err(|error| refuse(denial_of(&error)))?;
    let visitor = expect_context::<Caller>().visitor;
    let answered = match ask {
        LinkAsk::List => services.linked_cabinets(&session).await,
        LinkAsk::Preview(token) => {
            let preview = services.preview_cabinet(&session, &token, &visitor).await;
            return answer(preview.map(LinkAnswer::Preview));
        }
        LinkAsk::Link(token, level) => {
            services
                .link_cabinet(&session, &token, level, &visitor)
                .await
        }
        LinkAsk::Unlink(id) => services.unlink_cabinet(&session, &id).await,
    };
    answer(answered.map(LinkAnswer::Links))
}

pub(super) async fn register(
    name: String,
    email: String,
    password: String,
    lang: Lang,
) -> Result<(), Denied> {
    let (services, caller) = context();
    let form = Registration {
        name,
        email,
        password: SecretString::from(password),
        lang,
    };
    let made = services.register(form, &caller.visitor).await;
    made.map_err(refuse)
}

pub(super) async fn log_in(email: String, password: String) -> Result<(), Denied> {
    let (services, caller) = context();
    let form = LogIn {
        email,
        password: SecretString::from(password),
    };
    let logged_in = services
        .log_in(
            form,
            &caller.visitor,
            shown(&caller.device),
            shown(&caller.session),
        )
        .await
        .map_err(refuse)?;
    set_cookies(caller.cookies.log_in(&logged_in));
    Ok(())
}

fn shown(secret: &Option<SecretString>) -> Option<&str> {
    secret.as_ref().map(ExposeSecret::expose_secret)
}

pub(super) async fn ask_reset(email: String, lang: Lang) -> Result<(), Denied> {
    let (services, caller) = context();
    let asked = services.ask_reset(&email, lang, &caller.visitor).await;
    asked.map_err(refuse)
}

pub(super) async fn reset_password(code: String, password: String) -> Result<(), Denied> {
    let (services, caller) = context();
    let password = SecretString::from(password);
    let set = services
        .reset_password(&code, password, &caller.visitor)
        .await;
    set_cookies(caller.cookies.know(&set.map_err(refuse)?));
    Ok(())
}

/// The length is bounded by the judge; what it is about, here.
pub(super) async fn judge_password(
    password: String,
    mut about: Vec<String>,
) -> Result<Strength, Denied> {
    const MOST: usize = 4;
    about.truncate(MOST);
    let (services, caller) = context();
    let password = SecretString::from(password);
    let judged = services.judge_password(password, about, &caller.visitor);
    answer(judged.await)
}

pub(super) async fn change_email(email: String, password: String) -> Result<(), Denied> {
    let (services, entered) = entered().await?;
    let visitor = expect_context::<Caller>().visitor;
    let password = SecretString::from(password);
    let changed = services
        .change_email(&entered, &email, password, &visitor)
        .await;
    changed.map_err(refuse)
}

pub(super) async fn change_password(present: String, password: String) -> Result<(), Denied> {
    let (services, entered) = entered().await?;
    let caller = expect_context::<Caller>();
    let (present, password) = (SecretString::from(present), SecretString::from(password));
    let logged_in = services
        .change_password(&entered, present, password, &caller.visitor)
        .await
        .map_err(refuse)?;
    set_cookies(caller.cookies.log_in(&logged_in));
    Ok(())
}

pub(super) async fn delete_account(password: String) -> Result<(), Denied> {
    let (services, entered) = entered().await?;
    let caller = expect_context::<Caller>();
    let password = SecretString::from(password);
    services
        .delete_account(&entered, password, &caller.visitor)
        .await
        .map_err(refuse)?;
    set_cookies(caller.cookies.log_out());
    Ok(())
}

pub(super) async fn renew_token() -> Result<String, Denied> {
    let (services, entered) = entered().await?;
    let token = services.renew_connection_token(&entered).await;
    let token = token.map_err(refuse)?;
    Ok(token.expose_secret().to_owned())
}

pub(super) async fn news_seen(until_ms: i64) -> Result<(), Denied> {
    let (services, entered) = entered().await?;
    let until = from_ms(until_ms).ok_or_else(|| refuse(Denial::NotFound))?;
    services.news_seen(&entered, until).await.map_err(refuse)
}

fn set_cookies(cookies: Vec<HeaderValue>) {
    if let Some(response) = use_context::<ResponseOptions>() {
        for cookie in cookies {
            response.append_header(header::SET_COOKIE, cookie);
        }
    }
}

/// A use case's answer as a server function gives it.
pub(super) fn answer<T>(outcome: Result<T, Denial>) -> Result<T, Denied> {
    outcome.map_err(refuse)
}

fn refuse(denial: Denial) -> Denied {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status_of(&denial));
        if let Some(seconds) = retry_after(&denial) {
            response.insert_header(header::RETRY_AFTER, seconds);
        }
    }
    Denied(denial)
}

/// After how many seconds the same may work, where that is known (SEC-65).
#[must_use]
pub fn retry_after(denial: &Denial) -> Option<HeaderValue> {
    match denial {
        Denial::TooOften { seconds } => Some(HeaderValue::from(*seconds)),
        Denial::Busy => Some(HeaderValue::from_static("3")),
        Denial::Exporting => Some(HeaderValue::from_static("10")),
        _ => None,
    }
}

/// How an answer says that something was denied.
#[must_use]
pub fn status_of(denial: &Denial) -> StatusCode {
    match denial {
        Denial::SignedOut => StatusCode::UNAUTHORIZED,
        Denial::NotFound | Denial::UnknownToken => StatusCode::NOT_FOUND,
        Denial::Credentials | Denial::WrongPassword | Denial::NotAdministrator => {
            StatusCode::FORBIDDEN
        }
        Denial::Name
        | Denial::Email
        | Denial::Password(_)
        | Denial::ResetOver
        | Denial::Description
        | Denial::FilterName
        | Denial::FilterNameTaken
        | Denial::TooManyFilters
        | Denial::Token(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Denial::TooOften { .. } | Denial::Exporting => StatusCode::TOO_MANY_REQUESTS,
        Denial::MailOff
        | Denial::Busy
        | Denial::Portal(_)
        | Denial::StoreUnavailable
        | Denial::Connection => StatusCode::SERVICE_UNAVAILABLE,
        Denial::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
