//! Whole HTML documents, rendered on the server in one go: the data is there before the first byte,
//! so nothing needs to be streamed.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crmap_domain::{Lang, Trouble};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use leptos::tachys::view::Position;
use serde::{Deserialize, Serialize};

pub use postcard::Error as EncodingError;

use crate::data::{EmbeddedData, ISLAND, SingleKeys, Theme};
use crate::embedded::EmbeddedPage;
use crate::help::{Face, Notion};
use crate::pages::{BadOpeningPage, OutsidePage, ProblemPage, Resubmission};
use crate::say;

/// Our own text of a name in each language, in the order of [`Lang::ALL`].
macro_rules! in_each_language {
    ($name:literal) => {
        [
            include_str!(concat!("../../", $name, ".ru.html")),
            include_str!(concat!("../../", $name, ".en.html")),
        ]
    };
}

mod cabinet;
mod design;
mod help;
mod install;
mod keys;
mod legal;

pub use cabinet::{bare, cabinet};
pub use design::design;
pub use help::{explanation, help};
pub use install::{
    INSTALL_COMPLETE, InstallOffer, install_done, install_offer, install_only_admins, not_finished,
};
pub use legal::{Legal, Operator, legal};

/// Addresses of the built files that a page needs, as `assets.json` of the site names them.
#[derive(Debug, Clone, Deserialize)]
pub struct Assets {
    /// The script that starts the application inside a portal.
    pub js: String,
    /// The application inside a portal.
    pub wasm: String,
    /// The script that starts the cabinet.
    pub cabinet_js: String,
    /// The cabinet.
    pub cabinet_wasm: String,
    /// The styles.
    pub css: String,
    /// What the cabinet has beside them.
    pub cabinet_css: String,
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
    let head = Head::of_product(lang, Life::Hydrated(&island));
    Ok(written(head, frame, |html| {
        render(html, move || view! { <EmbeddedPage data/> });
        help::write_explanations(html, Face::Portal, &OF_SHEET, lang);
        html.push_str(keys::sheet(Face::Portal, lang, SingleKeys::On));
    }))
}

/// What a sheet explains.
pub const OF_SHEET: [Notion; 6] = [
    Notion::Prefix,
    Notion::Meaning,
    Notion::Order,
    Notion::Code,
    Notion::Xml,
    Notion::Viewer,
];

/// The page that somebody sees who did not come from a portal; in both languages.
#[must_use]
pub fn outside(frame: Frame<'_>) -> String {
    document(
        Head::of_product(Lang::Ru, Life::Still),
        frame,
        || view! { <OutsidePage/> },
    )
}

/// The page of an opening whose form cannot be understood; in both languages.
#[must_use]
pub fn bad_opening(frame: Frame<'_>) -> String {
    document(
        Head::of_product(Lang::Ru, Life::Still),
        frame,
        || view! { <BadOpeningPage/> },
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
    document(
        Head::of_product(lang, Life::Still),
        frame,
        move || view! { <ProblemPage lang advice resubmission/> },
    )
}

/// How much life a document has in the browser.
#[derive(Clone, Copy)]
enum Life<'a> {
    /// None; no script comes with it.
    Still,
    /// A few listeners on what the server wrote (`crate::awaken`).
    Attended,
    /// The components live on, from the data of this island.
    Hydrated(&'a str),
    /// As [`Hydrated`](Self::Hydrated), by the cabinet's own module.
    Cabinet(&'a str),
    /// None, with the styles of the cabinet.
    Shown,
}

impl<'a> Life<'a> {
    const fn island(self) -> Option<&'a str> {
        match self {
            Self::Still | Self::Attended | Self::Shown => None,
            Self::Hydrated(island) | Self::Cabinet(island) => Some(island),
        }
    }

    /// Script and module, where any come with the document.
    fn module(self, assets: &Assets) -> Option<(&str, &str)> {
        match self {
            Self::Still | Self::Shown => None,
            Self::Attended | Self::Hydrated(_) => Some((&assets.js, &assets.wasm)),
            Self::Cabinet(_) => Some((&assets.cabinet_js, &assets.cabinet_wasm)),
        }
    }
}

/// What stands in a document's head.
#[derive(Clone, Copy)]
struct Head<'a> {
    lang: Lang,
    /// Words of the catalogue: they go into the page as they are.
    title: &'a str,
    life: Life<'a>,
    theme: Theme,
}

impl<'a> Head<'a> {
    fn of_product(lang: Lang, life: Life<'a>) -> Self {
        let title = say!(lang, product);
        Self {
            lang,
            title,
            life,
            theme: Theme::Auto,
        }
    }
}

/// A document is written in one piece into one string, which starts out as large as the largest one
/// before it.
static LARGEST: AtomicUsize = AtomicUsize::new(16 * 1024);

fn document<V: IntoView>(head: Head<'_>, frame: Frame<'_>, body: impl FnOnce() -> V) -> String {
    written(head, frame, |html| render(html, body))
}

/// A document with whatever `write` puts into its body.
fn written(head: Head<'_>, frame: Frame<'_>, write: impl FnOnce(&mut String)) -> String {
    let mut html = String::with_capacity(LARGEST.load(Ordering::Relaxed));
    write_head(&mut html, head, frame);
    write(&mut html);
    if let Some(island) = head.life.island() {
        html.push_str("<script type=\"application/x-postcard\" id=\"");
        html.push_str(ISLAND);
        html.push_str("\">");
        html.push_str(island);
        html.push_str("</script>");
    }
    html.push_str("</body></html>");
    LARGEST.fetch_max(html.len().min(LARGEST_KEPT), Ordering::Relaxed);
    html
}

/// Appends a view as HTML.
fn render<V: IntoView>(html: &mut String, view: impl FnOnce() -> V) {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    owner.with(|| {
        view().into_view().to_html_with_buf(
            html,
            &mut Position::FirstChild,
            true,
            false,
            Vec::new(),
        );
    });
    owner.unset_with_forced_cleanup();
}

/// No page is expected to be larger; one that is may grow its string.
const LARGEST_KEPT: usize = 1024 * 1024;

fn write_head(html: &mut String, head: Head<'_>, frame: Frame<'_>) {
    let Frame { assets, nonce } = frame;
    let css = &assets.css;
    let more = match head.life {
        Life::Cabinet(_) | Life::Shown => format!(
            "<link rel=\"stylesheet\" href=\"{}\" nonce=\"{nonce}\">",
            assets.cabinet_css
        ),
        _ => String::new(),
    };
    let Head {
        lang,
        title,
        life,
        theme,
    } = head;
    let code = lang.code();
    let theme = match theme {
        Theme::Auto => "",
        Theme::Light => " data-theme=\"light\"",
        Theme::Dark => " data-theme=\"dark\"",
    };
    let (copy, sort) = (say!(lang, copy), say!(lang, col_sort));
    let (stages, data) = (say!(lang, col_stages), say!(lang, data_of));
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "<!DOCTYPE html><html lang=\"{code}\"{theme}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{css}\" nonce=\"{nonce}\">\
         {more}<style nonce=\"{nonce}\">:root{{--copy:\"{copy} \";--sort:\"{sort} \";--stages:\"{stages} \";--data:\"{data} \"}}</style>"
    );
    if let Some((js, wasm)) = life.module(assets) {
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
}

/// The data as the page carries it. No character of base64 can end the element or begin anything
/// else (SEC-50).
fn island<T: Serialize>(data: &T) -> Result<String, EncodingError> {
    Ok(STANDARD.encode(postcard::to_allocvec(data)?))
}
