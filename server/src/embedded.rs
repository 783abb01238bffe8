//! `POST /bitrix/app`: a portal opens the application for one of its users.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use crmap_app::api::content_of;
use crmap_app::data::{EmbeddedData, Place, PortalOnPage};
use crmap_app::document::{self, EncodingError, Frame};
use crmap_app::pages::Resubmission;
use crmap_bitrix::Opening;
use crmap_crm::CrmError;
use crmap_domain::{Lang, Trouble};
use crmap_service::{Entropy as _, Opened};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::csp::{Framing, policy};
use crate::router::App;
use crate::runtime::OsEntropy;

/// Parses the form strictly, proves it, and answers with the finished page.
pub(crate) async fn open(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let form = is_form(&headers).then(|| Opening::parse(&query, &body));
    let opening = match form {
        Some(Ok(opening)) => opening,
        Some(Err(error)) => {
            tracing::info!(%error, "an opening could not be understood");
            return html(
                StatusCode::BAD_REQUEST,
                &app,
                Framing::Nobody,
                document::bad_opening,
            );
        }
        None => {
            tracing::info!("an opening came in another form than urlencoded");
            return html(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                &app,
                Framing::Nobody,
                document::bad_opening,
            );
        }
    };
    let lang = Lang::for_portal(&opening.lang);
    match app.services.open(&opening.claim, lang).await {
        Ok(opened) => finished(&app, opened, place_of(&query), lang),
        Err(error) => refused(&app, &opening, &error, lang, &query, &body),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

fn place_of(query: &str) -> Place {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    Place::from_parameters(pairs.iter().map(|(name, value)| (&**name, &**value)))
}

fn finished(app: &App, opened: Opened, place: Place, lang: Lang) -> Response {
    let proven = &opened.session.opening;
    let portal = PortalOnPage {
        member_id: proven.member_id.to_string(),
        address: proven.address.clone(),
        origin: proven.origin.clone(),
    };
    tracing::info!(
        portal.member_id = %proven.member_id,
        portal.user = proven.user_id,
        "the application was opened"
    );
    let origin = proven.origin.clone();
    let data = EmbeddedData {
        lang,
        bearer: opened.bearer.expose_secret().to_owned(),
        portal,
        place,
        content: content_of(opened.outcome),
    };
    try_html(StatusCode::OK, app, Framing::Origin(&origin), |frame| {
        document::embedded(data, frame)
    })
}

/// A sentence inside the frame where the visitor may well be honest; nothing in a frame for a form
/// that claims what is not true (SEC-04, SEC-47).
fn refused(
    app: &App,
    opening: &Opening,
    error: &CrmError,
    lang: Lang,
    query: &str,
    body: &[u8],
) -> Response {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, "an opening was not let in");
    let trouble = error.trouble();
    let (status, again) = match trouble {
        Trouble::NotProved | Trouble::Gone => (StatusCode::FORBIDDEN, false),
        Trouble::NotPaid | Trouble::Restricted => (StatusCode::FORBIDDEN, true),
        Trouble::Expired | Trouble::Revoked => (StatusCode::UNAUTHORIZED, false),
        _ => (StatusCode::SERVICE_UNAVAILABLE, true),
    };
    let origin = claimed_origin(opening);
    let framing = match (&trouble, &origin) {
        (Trouble::NotProved, _) | (_, None) => Framing::Nobody,
        (_, Some(origin)) => Framing::Origin(origin),
    };
    let resubmission = again.then(|| Resubmission {
        action: format!("/bitrix/app?{query}"),
        fields: url::form_urlencoded::parse(body).into_owned().collect(),
    });
    html(status, app, framing, |frame| {
        document::problem(lang, &trouble, resubmission, frame)
    })
}

/// The origin of the claimed portal's pages, as browsers write it.
fn claimed_origin(opening: &Opening) -> Option<String> {
    let scheme = if opening.secure { "https" } else { "http" };
    let url = Url::parse(&format!("{scheme}://{}/", opening.claim.address)).ok()?;
    Some(url.origin().ascii_serialization())
}

/// A page with its policy.
pub(crate) fn html(
    status: StatusCode,
    app: &App,
    framing: Framing<'_>,
    write: impl FnOnce(Frame<'_>) -> String,
) -> Response {
    try_html(status, app, framing, |frame| Ok(write(frame)))
}

fn try_html(
    status: StatusCode,
    app: &App,
    framing: Framing<'_>,
    write: impl FnOnce(Frame<'_>) -> Result<String, EncodingError>,
) -> Response {
    let nonce = fresh_nonce();
    match write(Frame {
        assets: &app.site.assets,
        nonce: &nonce,
    }) {
        Ok(page) => {
            let policy = policy(&nonce, framing);
            (
                status,
                [(header::CONTENT_SECURITY_POLICY, policy)],
                Html(page),
            )
                .into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// 128 random bits for one answer.
fn fresh_nonce() -> String {
    let mut bytes = [0_u8; 16];
    OsEntropy.fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
