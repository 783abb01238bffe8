//! `POST /preferences`: language, theme and single keys, kept in cookies and, for whoever is logged in,
//! the language of mails with the account.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use crmap_app::data::{SingleKeys, Theme};
use crmap_domain::Lang;
use serde::Deserialize;

use super::Browser;
use crate::router::App;
use crate::taking::Posted;

/// What was chosen, and the page to go back to; none where the page stays.
#[derive(Deserialize)]
pub(crate) struct Choice {
    lang: Option<String>,
    theme: Option<String>,
    keys: Option<String>,
    back: Option<String>,
}

/// Keeps a choice and, where the page was left for it, goes back.
pub(crate) async fn prefer(
    State(app): State<App>,
    browser: Browser,
    Posted(choice): Posted<Choice>,
) -> Response {
    let cookies = app.front.cookies();
    let lang = choice.lang.as_deref().and_then(Lang::from_code);
    let theme = choice.theme.as_deref().and_then(Theme::from_code);
    let keys = choice.keys.as_deref().and_then(SingleKeys::from_code);
    let headers = [
        lang.and_then(|lang| cookies.prefer_lang(lang)),
        theme.and_then(|theme| cookies.prefer_theme(theme)),
        keys.and_then(|keys| cookies.prefer_keys(keys)),
    ];
    if let (Some(lang), Ok(entered)) = (lang, browser.enter(&app).await)
        && let Err(denial) = app.services.set_lang(&entered, lang).await
    {
        // The page comes in the language that was chosen all the same; mails follow the next time.
        tracing::warn!(?denial, "the language of an account could not be kept");
    }
    let headers: Vec<_> = headers
        .into_iter()
        .flatten()
        .map(|cookie| (header::SET_COOKIE, cookie))
        .collect();
    let answer = match choice.back {
        Some(back) => Redirect::to(way_back(&back)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    (AppendHeaders(headers), answer).into_response()
}

/// A page of ours that can be gone to by its address, and nothing else: what comes in a form may
/// lead anywhere.
fn way_back(back: &str) -> &str {
    let is_ours = back.starts_with('/')
        && !back.starts_with("//")
        && back.len() <= 1_000
        && !back.contains('\\')
        && back.bytes().all(|byte| byte.is_ascii_graphic());
    if is_ours { back } else { "/dashboard" }
}

#[cfg(test)]
mod tests {
    use super::way_back;

    #[test]
    fn a_choice_leads_back_to_our_own_pages_alone() {
        for ours in ["/login", "/dashboard?q=%D1%8E&sort=age", "/portals/0"] {
            assert_eq!(way_back(ours), ours);
        }
        for hostile in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
        ] {
            assert_eq!(way_back(hostile), "/dashboard", "{hostile:?}");
        }
    }
}
