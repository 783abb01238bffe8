//! The words of comparisons, on pages and in files.

use super::yes_or_no;
use crate::change::Attribute;
use crate::compare::{Difference, Verdict};
use crate::{Lang, Meaning};

/// Titles and headings of the text of a comparison.
pub(crate) struct ComparedCaptions {
    pub product: &'static str,
    pub left: &'static str,
    pub right: &'static str,
    pub funnels: &'static str,
    pub stages: &'static str,
    pub items: &'static str,
    pub items_of: &'static str,
    pub outcome: &'static str,
    pub name: &'static str,
    pub left_id: &'static str,
    pub right_id: &'static str,
    pub left_code: &'static str,
    pub right_code: &'static str,
    pub by_hand: &'static str,
    pub hidden_funnel: &'static str,
    pub unknown: &'static str,
    pub unknown_left: &'static str,
    pub unknown_right: &'static str,
    pub without_people: &'static str,
    pub all_equal: &'static str,
    pub other_lang: &'static str,
}

const RU: ComparedCaptions = ComparedCaptions {
    product: "CRMAP: сравнение спецификаций",
    left: "Слева",
    right: "Справа",
    funnels: "Воронки и их статусы",
    stages: "Статусы воронок",
    items: "Элементы списка",
    items_of: "элементы списков",
    outcome: "Итог",
    name: "Название",
    left_id: "ID слева",
    right_id: "ID справа",
    left_code: "Код слева",
    right_code: "Код справа",
    by_hand: "сопоставлено вручную",
    hidden_funnel: "(воронка не видна пользователю)",
    unknown: "не сравнивается",
    unknown_left: "слева не прочитано",
    unknown_right: "справа не прочитано",
    without_people: "Сотрудники не сравниваются: в разных порталах это разные люди.",
    all_equal: "Различий нет.",
    other_lang: "Названия прочитаны на разных языках, поэтому могут различаться.",
};

const EN: ComparedCaptions = ComparedCaptions {
    product: "CRMAP: comparison of specifications",
    left: "Left",
    right: "Right",
    funnels: "Funnels and their stages",
    stages: "Funnel stages",
    items: "List items",
    items_of: "list items",
    outcome: "Outcome",
    name: "Name",
    left_id: "ID on the left",
    right_id: "ID on the right",
    left_code: "Code on the left",
    right_code: "Code on the right",
    by_hand: "matched by hand",
    hidden_funnel: "(the funnel is not visible to the user)",
    unknown: "not compared",
    unknown_left: "not read on the left",
    unknown_right: "not read on the right",
    without_people: "Employees are not compared: different portals have different people.",
    all_equal: "No differences.",
    other_lang: "The names were read in different languages, so they may differ.",
};

/// The words of the text of a comparison.
pub(crate) const fn compared_captions(lang: Lang) -> &'static ComparedCaptions {
    match lang {
        Lang::Ru => &RU,
        Lang::En => &EN,
    }
}

impl Verdict {
    /// «одинаково», «различается», «только слева», «только справа».
    #[must_use]
    pub const fn word(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Ru, Self::Equal) => "одинаково",
            (Lang::Ru, Self::Different) => "различается",
            (Lang::Ru, Self::OnlyLeft) => "только слева",
            (Lang::Ru, Self::OnlyRight) => "только справа",
            (Lang::En, Self::Equal) => "the same",
            (Lang::En, Self::Different) => "different",
            (Lang::En, Self::OnlyLeft) => "only on the left",
            (Lang::En, Self::OnlyRight) => "only on the right",
        }
    }
}

impl Difference {
    /// What differs: «название», «цвет»; what changes tell of, too, is called the same there.
    #[must_use]
    pub const fn attribute(&self, lang: Lang) -> &'static str {
        let attribute = match self {
            Self::Id(_) => return "ID",
            Self::Code(_) => {
                return match lang {
                    Lang::Ru => "код",
                    Lang::En => "code",
                };
            }
            Self::Place(_) => {
                return match lang {
                    Lang::Ru => "порядок",
                    Lang::En => "order",
                };
            }
            Self::Name(_) => Attribute::Name,
            Self::Type(_) => Attribute::Type,
            Self::RefersTo(_) => Attribute::RefersTo,
            Self::Required(_) => Attribute::Required,
            Self::Multiple(_) => Attribute::Multiple,
            Self::Default(_) => Attribute::Default,
            Self::Meaning(_) => Attribute::Meaning,
            Self::Color(_) => Attribute::Color,
            Self::System(_) => Attribute::System,
            Self::XmlId(_) => Attribute::XmlId,
        };
        attribute.name(lang)
    }

    /// What it is on the left and on the right, in words; empty where there is nothing.
    #[must_use]
    pub fn values(&self, lang: Lang) -> (String, String) {
        let texts =
            |change: &crate::compare::Change<String>| (change.left.clone(), change.right.clone());
        match self {
            Self::Id(change) | Self::Name(change) | Self::Code(change) => texts(change),
            Self::Type(change) => (
                super::type_name(&change.left, lang).to_owned(),
                super::type_name(&change.right, lang).to_owned(),
            ),
            Self::RefersTo(change) => (change.left.join(", "), change.right.join(", ")),
            Self::Required(change)
            | Self::Multiple(change)
            | Self::Default(change)
            | Self::System(change) => (
                yes_or_no(change.left, lang).to_owned(),
                yes_or_no(change.right, lang).to_owned(),
            ),
            Self::Meaning(change) => {
                let word = |meaning: Meaning| meaning.word(lang).to_owned();
                (word(change.left), word(change.right))
            }
            Self::Color(change) => {
                let code = |color: &Option<crate::Color>| {
                    color.as_ref().map_or("", |color| color.as_str()).to_owned()
                };
                (code(&change.left), code(&change.right))
            }
            Self::XmlId(change) => {
                let text = |id: &Option<String>| id.clone().unwrap_or_default();
                (text(&change.left), text(&change.right))
            }
            Self::Place(change) => (change.left.to_string(), change.right.to_string()),
        }
    }
}
