//! Whole HTML documents, rendered on the server in one go: the data is there before the first byte,
//! so nothing needs to be streamed.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crmap_domain::{Lang, Trouble};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use serde::Deserialize;

pub use postcard::Error as EncodingError;

use crate::data::{EmbeddedData, ISLAND};
use crate::embedded::EmbeddedPage;
use crate::pages::{BadOpeningPage, OutsidePage, ProblemPage, Resubmission};
use crate::say;

/// Addresses of the built files that a page needs, as `assets.json` of the site names them.
#[derive(Debug, Clone, Deserialize)]
pub struct Assets {
    /// The script that starts the application.
    pub js: String,
    /// The application.
    pub wasm: String,
    /// The styles.
    pub css: String,
}

/// What every document needs.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Addresses of the built files.
    pub assets: &'a Assets,
    /// The nonce of this answer, which its Content-Security-Policy names (SEC-48).
    pub nonce: &'a str,
}

/// The page of the application inside a portal, with its data in it.
///
/// # Errors
/// When the data cannot be encoded, which no value of its type is known to cause.
pub fn embedded(data: EmbeddedData, frame: Frame<'_>) -> Result<String, EncodingError> {
    let lang = data.lang;
    let island = island(&data)?;
    let body = render(move || view! { <EmbeddedPage data/> });
    Ok(document(lang, frame, &body, Some(&island)))
}

/// The page that somebody sees who did not come from a portal; in both languages.
#[must_use]
pub fn outside(frame: Frame<'_>) -> String {
    document(Lang::Ru, frame, &render(|| view! { <OutsidePage/> }), None)
}

/// The page of an opening whose form cannot be understood; in both languages.
#[must_use]
pub fn bad_opening(frame: Frame<'_>) -> String {
    document(
        Lang::Ru,
        frame,
        &render(|| view! { <BadOpeningPage/> }),
        None,
    )
}

/// The page of an opening that was not let in, with a way to try again where that may help.
#[must_use]
pub fn problem(
    lang: Lang,
    trouble: &Trouble,
    resubmission: Option<Resubmission>,
    frame: Frame<'_>,
) -> String {
    let advice = trouble.advice(lang);
    let body = render(move || view! { <ProblemPage lang advice resubmission/> });
    document(lang, frame, &body, None)
}

fn render<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    let html = owner.with(|| view().into_view().to_html());
    owner.unset_with_forced_cleanup();
    html
}

fn document(lang: Lang, frame: Frame<'_>, body: &str, island: Option<&str>) -> String {
    let Frame { assets, nonce } = frame;
    let Assets { js, wasm, css } = assets;
    let (code, title) = (lang.code(), say!(lang, product));
    let mut html = String::with_capacity(body.len() + island.map_or(0, str::len) + 1_200);
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "<!DOCTYPE html><html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{css}\" nonce=\"{nonce}\">"
    );
    if island.is_some() {
        let _ = write!(
            html,
            "<link rel=\"modulepreload\" href=\"{js}\" nonce=\"{nonce}\">\
             <link rel=\"preload\" href=\"{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\
             <script type=\"module\" nonce=\"{nonce}\">\
             import start,{{awaken}} from \"{js}\";await start({{module_or_path:\"{wasm}\"}});awaken();\
             </script>"
        );
    }
    html.push_str("</head><body>");
    html.push_str(body);
    if let Some(island) = island {
        let _ = write!(
            html,
            "<script type=\"application/x-postcard\" id=\"{ISLAND}\">{island}</script>"
        );
    }
    html.push_str("</body></html>");
    html
}

/// The data as the page carries it. No character of base64 can end the element or begin anything
/// else (SEC-50).
fn island(data: &EmbeddedData) -> Result<String, EncodingError> {
    Ok(STANDARD.encode(postcard::to_allocvec(data)?))
}
