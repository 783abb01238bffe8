//! `POST /bitrix/app`: a portal opens the application for one of its users.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use crmap_app::api::{content_of, marks_for};
use crmap_app::data::{EmbeddedData, Marks, Place, PortalOnPage};
use crmap_app::document;
use crmap_domain::Lang;
use crmap_service::{Opened, Page};
use secrecy::ExposeSecret as _;

use crate::arriving::Form;
use crate::csp::Framing;
use crate::install;
use crate::page::{html, try_html};
use crate::router::App;

/// Parses the form strictly, proves it, and answers with the finished page.
pub(crate) async fn open(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&app, "/bitrix/app", query, &headers, &body) {
        Ok(form) => form,
        Err(answer) => return *answer,
    };
    match app.services.open(form.arrival(), form.lang).await {
        Ok(Opened::Page(page)) => {
            let marks = marks_for(&app.services, &page.session, &page.outcome).await;
            finished(&app, page, marks, place_of(form.query()), form.lang)
        }
        Ok(Opened::Installer(installer)) => install::offer(&app, &installer, form.lang),
        Ok(Opened::NotFinished { origin }) => not_finished(&app, &origin, form.lang),
        Err(error) => form.refused(&app, &error),
    }
}

fn place_of(query: &str) -> Place {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    Place::from_parameters(pairs.iter().map(|(name, value)| (&**name, &**value)))
}

fn finished(app: &App, page: Page, marks: Option<Marks>, place: Place, lang: Lang) -> Response {
    let proven = &page.session.opening;
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
        bearer: page.bearer.expose_secret().to_owned(),
        portal,
        place,
        content: content_of(page.outcome),
        marks,
    };
    try_html(StatusCode::OK, app, Framing::Origin(&origin), |frame| {
        document::embedded(data, frame)
    })
}

fn not_finished(app: &App, origin: &str, lang: Lang) -> Response {
    tracing::info!("somebody opened the application before its installation was finished");
    html(StatusCode::OK, app, Framing::Origin(origin), |frame| {
        document::not_finished(lang, origin, frame)
    })
}
