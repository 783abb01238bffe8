//! The interface's words: the catalogues of `locales/` as typed keys, in the page's one language.

mod catalogue {
    include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));
}

pub use catalogue::i18n::*;

use std::fmt::Display;

use crmap_domain::Lang;
use crmap_domain::words::number;
use leptos::prelude::{provide_context, use_context};

/// The catalogue's name of a language.
#[must_use]
pub const fn locale_of(lang: Lang) -> Locale {
    match lang {
        Lang::Ru => Locale::ru,
        Lang::En => Locale::en,
    }
}

/// Makes `lang` the language of everything below.
pub fn provide_lang(lang: Lang) {
    provide_context(lang);
}

/// The language of the page.
#[must_use]
pub fn use_lang() -> Lang {
    use_context().unwrap_or_default()
}

/// What a sentence is completed with, as a language writes it: texts and IDs (which are signed) as
/// they are, counts (which are unsigned) with their thousands apart.
pub trait Said {
    /// What it becomes.
    type Words: Display;

    /// Writes it.
    fn said(self, lang: Lang) -> Self::Words;
}

impl Said for String {
    type Words = Self;

    fn said(self, _lang: Lang) -> Self {
        self
    }
}

impl<'a> Said for &'a str {
    type Words = &'a str;

    fn said(self, _lang: Lang) -> &'a str {
        self
    }
}

impl Said for i64 {
    type Words = Self;

    fn said(self, _lang: Lang) -> Self {
        self
    }
}

impl Said for u32 {
    type Words = String;

    fn said(self, lang: Lang) -> String {
        number(u64::from(self), lang)
    }
}

impl Said for usize {
    type Words = String;

    fn said(self, lang: Lang) -> String {
        number(self as u64, lang)
    }
}

/// A sentence of the catalogue in a [`Lang`]: `say!(lang, key)` or `say!(lang, key, name = value)`.
#[macro_export]
macro_rules! say {
    ($lang:expr, $key:ident) => {
        ::leptos_i18n::td_string!($crate::words::locale_of($lang), $key)
    };
    ($lang:expr, $key:ident, $($argument:ident = $value:expr),+ $(,)?) => {
        ::leptos_i18n::td_string!(
            $crate::words::locale_of($lang),
            $key,
            $($argument = $crate::words::Said::said($value, $lang)),+
        )
        .to_string()
    };
}
