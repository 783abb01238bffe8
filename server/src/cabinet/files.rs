//! `GET /portals/{id}/specification.txt` and `.json`: the last reading of a portal as a file.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crmap_domain::cabinet::Denial;
use crmap_domain::{Lang, MemberId, Specification, json, text};

use super::rooms::inside;
use super::{Browser, not_let_in};
use crate::router::App;

/// A form of the file.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Json,
}

impl Form {
    fn of(name: &str) -> Option<Self> {
        match name {
            "specification.txt" => Some(Self::Text),
            "specification.json" => Some(Self::Json),
            _ => None,
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "json",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    fn write(self, specification: &Specification, lang: Lang) -> String {
        match self {
            Self::Text => text::to_text(specification, lang),
            Self::Json => json::to_json(specification),
        }
    }
}

/// The file of one portal.
pub(crate) async fn specification(
    State(app): State<App>,
    Path((id, name)): Path<(String, String)>,
    browser: Browser,
) -> Response {
    let entered = match browser.enter(&app).await {
        Ok(entered) => entered,
        Err(denial) => return not_let_in(&app, &browser, &denial),
    };
    let found = async {
        let form = Form::of(&name).ok_or(Denial::NotFound)?;
        let member_id = MemberId::parse(&id).map_err(|_| Denial::NotFound)?;
        let specification = app.services.snapshot(&entered, &member_id).await?;
        Ok::<_, Denial>((form, specification.ok_or(Denial::NotFound)?))
    };
    let (form, specification) = match found.await {
        Ok(found) => found,
        Err(denial) => return inside(&app, &browser, &entered, Err(denial)).await,
    };
    let content = form.write(&specification, browser.lang_for(&entered));
    let name = text::file_name(&specification, form.extension());
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let Ok(disposition) = disposition else {
        // A name is made of an address, which holds letters, digits, dots and hyphens alone.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(form.kind())),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        content,
    )
        .into_response()
}
