//! The form that a portal posts when somebody opens the application or its installer: parsed
//! strictly, and answered with a sentence where it does not lead in.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use crmap_app::document;
use crmap_app::pages::Resubmission;
use crmap_bitrix::Opening;
use crmap_domain::{Lang, Trouble};
use crmap_service::{Arrival, OpenError};
use url::Url;

use crate::csp::Framing;
use crate::page::html;
use crate::router::App;

/// A form that was understood, and the way back to its sender.
pub(crate) struct Form {
    opening: Opening,
    /// The language of the portal's interface.
    pub(crate) lang: Lang,
    action: &'static str,
    query: String,
    body: Vec<u8>,
}

impl Form {
    /// Reads a form that was posted to `action`.
    pub(crate) fn read(
        app: &App,
        action: &'static str,
        query: Option<String>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Box<Response>> {
        let query = query.unwrap_or_default();
        if !is_form(headers) {
            tracing::info!("an opening came in another form than urlencoded");
            return Err(Box::new(not_understood(
                app,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            )));
        }
        let opening = Opening::parse(&query, body).map_err(|error| {
            tracing::info!(%error, "an opening could not be understood");
            Box::new(not_understood(app, StatusCode::BAD_REQUEST))
        })?;
        Ok(Self {
            lang: Lang::for_portal(&opening.lang),
            opening,
            action,
            query,
            body: body.to_vec(),
        })
    }

    /// What the form claims and hands over.
    pub(crate) fn arrival(&self) -> Arrival {
        Arrival {
            claim: self.opening.claim.clone(),
            refresh_token: self.opening.refresh_token.clone(),
            application_token: self.opening.application_token.clone(),
        }
    }

    /// The query of the address that was posted to.
    pub(crate) fn query(&self) -> &str {
        &self.query
    }

    /// A sentence inside the frame where the visitor may well be honest; nothing in a frame for a
    /// form that claims what is not true (SEC-04, SEC-47).
    pub(crate) fn refused(&self, app: &App, error: &OpenError) -> Response {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(%error, cause, "an opening was not let in");
        let trouble = error.trouble();
        let (status, again) = match trouble {
            Trouble::NotProved | Trouble::Gone => (StatusCode::FORBIDDEN, false),
            Trouble::NotPaid | Trouble::Restricted => (StatusCode::FORBIDDEN, true),
            Trouble::Expired | Trouble::Revoked => (StatusCode::UNAUTHORIZED, false),
            _ => (StatusCode::SERVICE_UNAVAILABLE, true),
        };
        let origin = self.claimed_origin();
        let framing = match (&trouble, &origin) {
            (Trouble::NotProved, _) | (_, None) => Framing::Nobody,
            (_, Some(origin)) => Framing::Origin(origin),
        };
        let resubmission = again.then(|| Resubmission {
            action: format!("{}?{}", self.action, self.query),
            fields: url::form_urlencoded::parse(&self.body)
                .into_owned()
                .collect(),
        });
        html(status, app, framing, |frame| {
            document::problem(self.lang, &trouble, resubmission, frame)
        })
    }

    /// The origin of the claimed portal's pages, as browsers write it.
    fn claimed_origin(&self) -> Option<String> {
        let scheme = if self.opening.secure { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://{}/", self.opening.claim.address)).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

fn not_understood(app: &App, status: StatusCode) -> Response {
    html(status, app, Framing::Nobody, document::bad_opening)
}

/// Whether a request says that its body is a form.
fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}
