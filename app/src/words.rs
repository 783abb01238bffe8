//! The interface's words: the catalogues of `locales/` as typed keys, in the page's one language.

mod catalogue {
    include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));
}

pub use catalogue::i18n::*;

use crmap_domain::Lang;
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

/// A sentence of the catalogue in a [`Lang`]: `say!(lang, key)` or `say!(lang, key, name = value)`.
#[macro_export]
macro_rules! say {
    ($lang:expr, $key:ident) => {
        ::leptos_i18n::td_string!($crate::words::locale_of($lang), $key)
    };
    ($lang:expr, $key:ident, $($argument:ident = $value:expr),+ $(,)?) => {
        ::leptos_i18n::td_string!($crate::words::locale_of($lang), $key, $($argument = $value),+)
            .to_string()
    };
}
