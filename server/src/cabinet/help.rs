//! `/help`: the pages of help, for whoever asks; one for each face.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use crmap_app::document;
use crmap_app::help::Face;

use super::Browser;
use crate::csp::Framing;
use crate::legal::Choice;
use crate::page::html;
use crate::router::App;
use crate::taking::Parameters;

/// `GET /help`
pub(crate) async fn of_cabinet(
    State(app): State<App>,
    browser: Browser,
    Parameters(choice): Parameters<Choice>,
) -> Response {
    page(&app, &browser, &choice, Face::Cabinet)
}

/// `GET /help/portal`
pub(crate) async fn of_portal(
    State(app): State<App>,
    browser: Browser,
    Parameters(choice): Parameters<Choice>,
) -> Response {
    page(&app, &browser, &choice, Face::Portal)
}

/// In the language of the address, or else in the one that was chosen or is preferred.
fn page(app: &App, browser: &Browser, choice: &Choice, face: Face) -> Response {
    let lang = choice.lang().unwrap_or(browser.lang);
    html(StatusCode::OK, app, Framing::Nobody, |frame| {
        document::help(face, lang, browser.theme, frame)
    })
}
