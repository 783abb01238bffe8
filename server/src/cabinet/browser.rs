//! What a request for a page says of the browser that sent it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use crmap_app::data::{SingleKeys, Theme};
use crmap_domain::Lang;
use crmap_domain::cabinet::Denial;
use crmap_service::{Entered, Visitor};
use secrecy::{ExposeSecret as _, SecretString};

use crate::legal::preferred;
use crate::router::App;
use crate::visitor::visitor;

/// A browser in front of a page.
pub(crate) struct Browser {
    /// From where it asks.
    pub(super) visitor: Visitor,
    /// The cookie of its session, if it shows one.
    pub(super) session: Option<SecretString>,
    /// What it is known by from earlier sessions.
    pub(super) device: Option<SecretString>,
    /// The language that was chosen, or that it prefers.
    pub(crate) lang: Lang,
    /// The theme that was chosen.
    pub(crate) theme: Theme,
    /// Whether keys of one character alone are turned off.
    pub(super) keys: SingleKeys,
    /// Path and query of the page.
    pub(super) address: String,
    /// Whether the language was chosen rather than guessed.
    chose_lang: bool,
}

impl Browser {
    /// Whose session it is.
    pub(super) async fn enter(&self, app: &App) -> Result<Entered, Denial> {
        let session = self.session.as_ref().ok_or(Denial::SignedOut)?;
        app.services
            .enter(session.expose_secret(), &self.visitor)
            .await
    }

    /// The language of a page for the owner of an account.
    pub(super) fn lang_for(&self, entered: &Entered) -> Lang {
        if self.chose_lang {
            self.lang
        } else {
            entered.account.lang
        }
    }
}

impl FromRequestParts<App> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let shown = app.front.cookies().shown(&parts.headers);
        let address = parts
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string);
        Ok(Self {
            visitor: visitor(app, parts),
            session: shown.session,
            device: shown.device,
            lang: shown.lang.unwrap_or_else(|| preferred(&parts.headers)),
            chose_lang: shown.lang.is_some(),
            theme: shown.theme.unwrap_or_default(),
            keys: shown.keys.unwrap_or_default(),
            address,
        })
    }
}
