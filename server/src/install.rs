//! `POST /bitrix/install` and `POST /bitrix/install/complete`: the installer inside a portal.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use crmap_app::document::{self, InstallOffer};
use crmap_domain::{Lang, Trouble};
use crmap_service::Installer;
use secrecy::ExposeSecret as _;
use url::Url;

use crate::arriving::Form;
use crate::csp::Framing;
use crate::headers::naming_its_origin;
use crate::page::html;
use crate::router::App;

/// Proves the form and shows what an installation does; nothing is stored yet.
pub(crate) async fn begin(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&app, "/bitrix/install", query, &headers, &body) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    match app.services.begin_install(form.arrival(), form.lang).await {
        Ok(installer) => offer(&app, &installer, form.lang),
        Err(error) => form.refused(&app, &error),
    }
}

/// The installer for an administrator; for anybody else, who can install.
pub(crate) fn offer(app: &App, installer: &Installer, lang: Lang) -> Response {
    let proven = &installer.session.opening;
    tracing::info!(portal.member_id = %proven.member_id, portal.user = proven.user_id,
        administrator = installer.standing.administrator, "the installer was opened");
    let framing = Framing::Origin(&proven.origin);
    if !installer.standing.administrator {
        return html(StatusCode::OK, app, framing, |frame| {
            document::install_only_admins(lang, &proven.address, &proven.origin, frame)
        });
    }
    let offer = InstallOffer {
        lang,
        portal: proven.address.clone(),
        origin: proven.origin.clone(),
        user_name: installer.standing.user_name.clone(),
        bearer: installer.bearer.expose_secret().to_owned(),
        steps: Vec::new(),
    };
    page(app, offer)
}

/// The installer's page, before the first try or after one that failed.
fn page(app: &App, offer: InstallOffer) -> Response {
    let origin = offer.origin.clone();
    let page = html(StatusCode::OK, app, Framing::Origin(&origin), |frame| {
        document::install_offer(offer, frame)
    });
    naming_its_origin(page)
}

/// What the installer's page posts; language and origin are for an answer without a session.
struct Consent {
    bearer: String,
    lang: Lang,
    user_name: String,
    origin: Option<String>,
}

/// Installs for the session of the page that posted, and shows how that came out.
pub(crate) async fn complete(State(app): State<App>, body: Bytes) -> Response {
    let consent = Consent::read(&body);
    let session = match app.services.session(&consent.bearer).await {
        Ok(Some(session)) => session,
        Ok(None) => return refused(&app, &consent, StatusCode::UNAUTHORIZED, &Trouble::Expired),
        Err(error) => {
            tracing::warn!(%error, "the session of an installer could not be looked up");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return refused(&app, &consent, status, &Trouble::StoreUnavailable);
        }
    };
    let report = app.services.install(&session).await;
    let proven = &session.opening;
    if report.finished {
        let framing = Framing::Origin(&proven.origin);
        return html(StatusCode::OK, &app, framing, |frame| {
            document::install_done(session.lang, &proven.origin, report.steps, frame)
        });
    }
    let offer = InstallOffer {
        lang: session.lang,
        portal: proven.address.clone(),
        origin: proven.origin.clone(),
        user_name: consent.user_name,
        bearer: consent.bearer,
        steps: report.steps,
    };
    page(&app, offer)
}

/// A page without session or secrets, for whoever says that it frames us.
fn refused(app: &App, consent: &Consent, status: StatusCode, trouble: &Trouble) -> Response {
    let framing = match &consent.origin {
        Some(origin) => Framing::Origin(origin),
        None => Framing::Nobody,
    };
    html(status, app, framing, |frame| {
        document::problem(consent.lang, trouble, None, frame)
    })
}

impl Consent {
    fn read(body: &[u8]) -> Self {
        let field = |wanted: &str| {
            url::form_urlencoded::parse(body)
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let origin = Url::parse(&field("origin")).ok();
        Self {
            bearer: field("bearer"),
            lang: Lang::for_portal(&field("lang")),
            user_name: field("user_name"),
            origin: origin.map(|url| url.origin().ascii_serialization()),
        }
    }
}
