//! The languages of CRMAP.

use serde::{Deserialize, Serialize};

/// A language that CRMAP speaks: Russian first, English second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Russian, the default.
    #[default]
    Ru,
    /// English.
    En,
}

impl Lang {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// The ISO 639-1 code, as `lang` attributes and Bitrix24's `filter.LANG` take it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language of a [`code`](Self::code).
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The other languages, for whoever would rather read one of them.
    pub fn others(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |lang| *lang != self)
    }

    /// The language in which to speak to a reader whose portal is in `code` (a Bitrix24 language
    /// id such as `ru`, `kz`, `ua`, `en`, `de`; bitrix24.md §4.5): Russian where Russian is the
    /// usual second language of portals, English for all the rest.
    #[must_use]
    pub fn for_portal(code: &str) -> Self {
        match code.to_ascii_lowercase().as_str() {
            "ru" | "kz" | "by" | "ua" | "" => Self::Ru,
            _ => Self::En,
        }
    }
}
