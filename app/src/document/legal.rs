//! The pages that the Marketplace, the law and security teams ask for: licence, privacy, security,
//! support. Their texts are
//! our own HTML, so they go into the page as they are; only what names the operator is escaped.

use crmap_domain::Lang;
use leptos::prelude::*;

use super::{Frame, Head, Life, render, written};
use crate::data::Theme;
use crate::say;
use crate::ui::Brand;

/// Which of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legal {
    /// The licence agreement.
    License,
    /// What happens to personal data.
    Privacy,
    /// What a security team wants to know.
    Security,
    /// How to get help.
    Support,
}

/// Who runs this CRMAP: the licensor, the operator of personal data and the one who helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The name.
    pub name: String,
    /// Where to write to.
    pub email: String,
    /// The address of the service: `https://crmap.pro`.
    pub site: String,
}

impl Legal {
    /// All pages, in the order of their links.
    pub const ALL: [Self; 4] = [Self::License, Self::Privacy, Self::Security, Self::Support];

    /// The page's name in an address: `/legal/license`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::License => "license",
            Self::Privacy => "privacy",
            Self::Security => "security",
            Self::Support => "support",
        }
    }

    /// The page's name for people.
    pub(super) fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::License => say!(lang, legal_license),
            Self::Privacy => say!(lang, legal_privacy),
            Self::Security => say!(lang, legal_security),
            Self::Support => say!(lang, legal_support),
        }
    }

    /// The page's address.
    pub(super) fn address(self, lang: Lang) -> String {
        format!("/legal/{}?lang={}", self.slug(), lang.code())
    }

    const fn text(self, lang: Lang) -> &'static str {
        let texts = match self {
            Self::License => in_each_language!("legal/license"),
            Self::Privacy => in_each_language!("legal/privacy"),
            Self::Security => in_each_language!("legal/security"),
            Self::Support => in_each_language!("legal/support"),
        };
        texts[lang as usize]
    }
}

/// One of the pages, in the operator's name.
#[must_use]
pub fn legal(
    kind: Legal,
    lang: Lang,
    theme: Theme,
    operator: &Operator,
    frame: Frame<'_>,
) -> String {
    let title = format!("{} — CRMAP", kind.name(lang));
    let head = Head {
        lang,
        title: &title,
        life: Life::Still,
        theme,
    };
    written(head, frame, |html| {
        html.push_str("<div class=\"legal\">");
        render(html, move || view! { <LegalHead kind lang/> });
        html.push_str("<main class=\"legal__text\">");
        html.push_str(&filled(kind.text(lang), operator));
        html.push_str("</main></div>");
    })
}

/// The product, the pages, and the other languages.
#[component]
fn LegalHead(kind: Legal, lang: Lang) -> impl IntoView {
    let links = Legal::ALL.map(|page| {
        let current = (page == kind).then_some("page");
        view! { <a href=page.address(lang) aria-current=current>{page.name(lang)}</a> }
    });
    view! {
        <header class="legal__head">
            <Brand/>
            <nav class="legal__links" aria-label=say!(lang, legal_label)>{links.collect_view()}</nav>
            {other_languages(lang, &|other| format!("?lang={}", other.code()))}
        </header>
    }
}

/// The way to the same page in each of the other languages.
pub(super) fn other_languages(
    lang: Lang,
    address: &dyn Fn(Lang) -> String,
) -> impl IntoView + use<> {
    let ways = lang.others().map(|other| {
        let code = other.code();
        view! { <a href=address(other) lang=code hreflang=code>{say!(other, language_name)}</a> }
    });
    let ways = ways.collect_view();
    view! { <span class="legal__langs">{ways}</span> }
}

/// The text with its marks replaced by who runs this CRMAP.
fn filled(text: &str, operator: &Operator) -> String {
    text.replace("{operator}", &escaped(&operator.name))
        .replace("{email}", &escaped(&operator.email))
        .replace("{site}", &escaped(&operator.site))
}

/// Text for an element's content or a quoted attribute; without braces, so that no mark can be in it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '{' => escaped.push_str("&#123;"),
            other => escaped.push(other),
        }
    }
    escaped
}
