//! Who calls a server function, as the functions of the cabinet want to know it.

use std::sync::Arc;

use axum::extract::FromRequestParts as _;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use crmap_app::api::desk::{Caller, CookieWriter};
use crmap_service::LoggedIn;
use secrecy::SecretString;

use super::Browser;
use crate::Cookies;
use crate::router::App;

/// The caller of a server function.
pub(crate) async fn caller(app: &App, parts: &mut Parts) -> Caller {
    let Ok(browser) = Browser::from_request_parts(parts, app).await;
    Caller {
        visitor: browser.visitor,
        session: browser.session,
        device: browser.device,
        cookies: Arc::new(app.front.cookies()),
    }
}

impl CookieWriter for Cookies {
    fn log_in(&self, logged_in: &LoggedIn) -> Vec<HeaderValue> {
        self.log_in(&logged_in.cookie, logged_in.lives, &logged_in.device)
    }

    fn know(&self, device: &SecretString) -> Vec<HeaderValue> {
        self.know(device).into_iter().collect()
    }

    fn log_out(&self) -> Vec<HeaderValue> {
        self.log_out()
    }
}
