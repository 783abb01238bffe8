//! `GET /compare`: two portals side by side, and the same as a file.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crmap_app::cabinet::compare::room::{Asked, CompareOutcome, CompareRoom, PortalChoice};
use crmap_app::cabinet::data::Room;
use crmap_app::cabinet::filter::name_of;
use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, PortalCard};
use crmap_domain::compare::{Comparison, json, text};
use crmap_service::{Entered, SidesCompared};

use super::rooms::{borrowed, inside, pairs_of, shown};
use super::{Browser, not_let_in};
use crate::router::App;
use crate::taking::Named;

/// `GET /compare?left=ID[@VERSION]&right=ID[@VERSION]`
pub(crate) async fn page(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    shown(&app, &browser, async |entered| {
        room(&app, entered, query.as_deref()).await
    })
    .await
}

async fn room(app: &App, entered: &Entered, query: Option<&str>) -> Result<Room, Denial> {
    let asked = Asked::from_parameters(borrowed(&pairs_of(query)));
    let mut portals: Vec<PortalChoice> = app
        .services
        .portals(entered)
        .await?
        .iter()
        .map(choice)
        .collect();
    portals.sort_by_key(|portal| portal.name.to_lowercase());
    let outcome = match compared(app, entered, &asked).await? {
        None => CompareOutcome::Choose,
        Some(SidesCompared::NotRead { left, right }) => CompareOutcome::NotRead { left, right },
        Some(SidesCompared::Compared(comparison)) => {
            CompareOutcome::Compared(Arc::from(comparison))
        }
    };
    Ok(Room::Compare(Box::new(CompareRoom {
        portals,
        asked,
        outcome,
    })))
}

fn choice(card: &PortalCard) -> PortalChoice {
    PortalChoice {
        id: card.member_id.to_string(),
        name: name_of(card).to_owned(),
    }
}

/// What came of a question; nothing where it does not name two sides.
async fn compared(
    app: &App,
    entered: &Entered,
    asked: &Asked,
) -> Result<Option<SidesCompared>, Denial> {
    let (Some(left), Some(right)) = (&asked.left, &asked.right) else {
        return Ok(None);
    };
    app.services.compare(entered, left, right).await.map(Some)
}

/// A form of the file.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Json,
}

impl Form {
    fn of(name: &str) -> Option<Self> {
        match name {
            "comparison.txt" => Some(Self::Text),
            "comparison.json" => Some(Self::Json),
            _ => None,
        }
    }

    /// What it is, by the names of HTTP, and the ending of its name.
    const fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text/plain; charset=utf-8", "txt"),
            Self::Json => ("application/json", "json"),
        }
    }

    fn write(self, comparison: &Comparison, lang: Lang) -> String {
        match self {
            Self::Text => text::to_text(comparison, lang),
            Self::Json => json::to_json(comparison),
        }
    }
}

/// `GET /compare/comparison.txt` and `.json`, with the same sides in the address.
pub(crate) async fn file(
    State(app): State<App>,
    Named(name): Named<String>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    let entered = match browser.enter(&app).await {
        Ok(entered) => entered,
        Err(denial) => return not_let_in(&app, &browser, &denial),
    };
    let found = async {
        let form = Form::of(&name).ok_or(Denial::NotFound)?;
        let asked = Asked::from_parameters(borrowed(&pairs_of(query.as_deref())));
        match compared(&app, &entered, &asked).await? {
            Some(SidesCompared::Compared(comparison)) => Ok((form, comparison)),
            Some(SidesCompared::NotRead { .. }) | None => Err(Denial::NotFound),
        }
    };
    match found.await {
        Ok((form, comparison)) => attachment(form, &comparison, browser.lang_for(&entered)),
        Err(denial) => inside(&app, &browser, &entered, Err(denial)).await,
    }
}

fn attachment(form: Form, comparison: &Comparison, lang: Lang) -> Response {
    let (kind, extension) = form.kind();
    let name = text::file_name(comparison, extension);
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let Ok(disposition) = disposition else {
        // A name is made of addresses, of which letters, digits, dots and hyphens alone are left.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        form.write(comparison, lang),
    )
        .into_response()
}
