//! `GET /portals/{id}/specification.txt`, `.json`, `.csv` and `.xlsx`: the last reading of a portal
//! as a file.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crmap_domain::cabinet::Denial;
use crmap_domain::{MemberId, text};
use crmap_export::{Form, attachment};

use super::pipe::{StillMay, written_by};
use super::rooms::inside;
use super::{Browser, not_let_in};
use crate::router::App;
use crate::taking::Named;

/// What a file is called before its extension.
const STEM: &str = "specification";

/// The file of one portal.
pub(crate) async fn specification(
    State(app): State<App>,
    Named((id, name)): Named<(String, String)>,
    browser: Browser,
) -> Response {
    let entered = match browser.enter(&app).await {
        Ok(entered) => entered,
        Err(denial) => return not_let_in(&app, &browser, &denial),
    };
    let found = async {
        let form = form_of(&name).ok_or(Denial::NotFound)?;
        let member_id = MemberId::parse(&id).map_err(|_| Denial::NotFound)?;
        // Before a reading is unpacked, which takes more than its file does.
        let turn = app.services.begin_file(&entered)?;
        let specification = app.services.snapshot(&entered, &member_id).await?;
        let specification = specification.ok_or(Denial::NotFound)?;
        Ok::<_, Denial>((form, member_id, specification, turn))
    };
    let (form, member_id, specification, turn) = match found.await {
        Ok(found) => found,
        Err(denial) => return inside(&app, &browser, &entered, Err(denial)).await,
    };
    let lang = browser.lang_for(&entered);
    let name = text::file_name(&specification, form.extension());
    let (services, entered) = (app.services, Arc::new(entered));
    let still_serves: StillMay = Box::new(move || {
        let (services, entered) = (Arc::clone(&services), Arc::clone(&entered));
        let member_id = member_id.clone();
        Box::pin(async move { services.still_serves(&entered, &member_id).await })
    });
    let body = written_by(Some(still_serves), move |pipe| {
        let _until_it_is_written = turn;
        form.write(&specification, lang, pipe)
    });
    file(&name, form.media_type(), body)
}

fn form_of(name: &str) -> Option<Form> {
    let (stem, extension) = name.rsplit_once('.')?;
    Form::of(extension).filter(|_| stem == STEM)
}

/// The answer that a browser keeps as a file (SEC-56).
pub(super) fn file(name: &str, media_type: &'static str, body: Body) -> Response {
    let Ok(disposition) = HeaderValue::try_from(attachment(name)) else {
        // Of a name, letters, digits and a few marks of ASCII are left.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}
