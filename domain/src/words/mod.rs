//! What CRMAP calls things and what it says when something goes wrong, in each of its languages.
//! The pages, the text specification and the command line take their words from here.

mod captions;
mod change;
mod compared;
mod en;
mod figures;
mod ru;
mod types;

use std::fmt;

pub(crate) use captions::Captions;
pub(crate) use compared::{ComparedCaptions, compared_captions};
pub use figures::{day, moment, number};
pub(crate) use types::known_type;

use crate::{
    CustomField, EntityKind, Lang, Meaning, PortalState, Refusal, Source, Standing, Trouble,
    visible,
};

/// What happened, and what to do next; each a sentence or two with its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What happened.
    pub what: String,
    /// What to do next.
    pub cure: String,
}

impl fmt::Display for Advice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.what, self.cure)
    }
}

impl Trouble {
    /// What to tell a person. What the portal said is shown with [`visible()`].
    #[must_use]
    pub fn advice(&self, lang: Lang) -> Advice {
        match lang {
            Lang::Ru => ru::advice(self),
            Lang::En => en::advice(self),
        }
    }
}

impl PortalState {
    /// «Работает», «Нужна оплата»: a label of a word or two.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ru => ru::state(self),
            Lang::En => en::state(self),
        }
    }

    /// What to tell a person: how the portal stands, and what to do about it and where.
    #[must_use]
    pub fn advice(self, lang: Lang) -> Advice {
        let (what, cure) = match lang {
            Lang::Ru => ru::standing(self),
            Lang::En => en::standing(self),
        };
        Advice {
            what: what.to_owned(),
            cure: cure.to_owned(),
        }
    }
}

impl Standing {
    /// As [`PortalState::advice`], for a portal as one cabinet sees it.
    #[must_use]
    pub fn advice(&self, lang: Lang) -> Advice {
        if self.reason != Self::REINSTALLED {
            return self.state.advice(lang);
        }
        let (what, cure) = match lang {
            Lang::Ru => ru::REINSTALLED,
            Lang::En => en::REINSTALLED,
        };
        Advice {
            what: what.to_owned(),
            cure: cure.to_owned(),
        }
    }
}

impl Refusal {
    /// What to tell a person: why the rows are missing and what to do, in one paragraph. What the
    /// portal said is shown with [`visible()`].
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        capitalized(&self.reason(lang))
    }

    /// As [`Self::sentence`], to go on after a colon: its first letter is a small one.
    pub(crate) fn reason(&self, lang: Lang) -> String {
        match lang {
            Lang::Ru => ru::reason(self),
            Lang::En => en::reason(self),
        }
    }
}

impl Meaning {
    /// «в работе», «успех», «провал», «анализ причины провала».
    #[must_use]
    pub const fn word(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ru => ru::meaning(self),
            Lang::En => en::meaning(self),
        }
    }
}

impl EntityKind {
    /// «Сделки», «Контакты».
    #[must_use]
    pub const fn plural(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ru => ru::entities(self),
            Lang::En => en::entities(self),
        }
    }

    /// «Пользовательские поля сделок».
    #[must_use]
    pub const fn fields_title(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ru => ru::fields_title(self),
            Lang::En => en::fields_title(self),
        }
    }
}

impl Source {
    /// «приложение», «входящий вебхук».
    #[must_use]
    pub const fn word(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Ru, Self::Application) => "приложение",
            (Lang::Ru, Self::Webhook) => "входящий вебхук",
            (Lang::En, Self::Application) => "application",
            (Lang::En, Self::Webhook) => "incoming webhook",
        }
    }
}

/// A field type in words: «Список» for `enumeration`. Types that applications bring (`rest_…`) and
/// unknown ones are called by their code.
#[must_use]
pub fn type_name(code: &str, lang: Lang) -> &str {
    known_type(code, lang).unwrap_or(code)
}

/// A field's type in words with what it points to: «Справочник CRM: INDUSTRY».
#[must_use]
pub fn field_type(field: &CustomField, lang: Lang) -> String {
    let name = type_name(&field.type_code, lang);
    if field.refers_to.is_empty() {
        return name.to_owned();
    }
    format!("{name}: {}", field.refers_to.join(", "))
}

const fn yes_or_no(is: bool, lang: Lang) -> &'static str {
    let words = captions(lang);
    if is { words.yes } else { words.no }
}

/// The words of the text specification.
pub(crate) const fn captions(lang: Lang) -> &'static Captions {
    match lang {
        Lang::Ru => &captions::RU,
        Lang::En => &captions::EN,
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next();
    first
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

/// A portal's refusal in its own words, between the given quotation marks; nothing where it said
/// nothing.
fn quoted(code: &str, message: &str, [open, close]: [&str; 2]) -> Option<String> {
    let (code, message) = (visible(code), visible(message));
    match (code.is_empty(), message.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{open}{code}{close}")),
        (true, false) => Some(format!("{open}{message}{close}")),
        (false, false) => Some(format!("{open}{message}{close} ({code})")),
    }
}
