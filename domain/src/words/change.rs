//! Changes in words.

use std::fmt::Write as _;

use super::{type_name, yes_or_no};
use crate::change::{Altered, Attribute, Change, ChangeKind, Difference, Value};
use crate::item::{ItemKind, ItemRef};
use crate::{EntityKind, Lang, visible};

impl ChangeKind {
    /// «Добавлено», «Удалено».
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Added, Lang::Ru) => "Добавлено",
            (Self::Removed, Lang::Ru) => "Удалено",
            (Self::Renamed, Lang::Ru) => "Переименовано",
            (Self::Changed, Lang::Ru) => "Изменено",
            (Self::Added, Lang::En) => "Added",
            (Self::Removed, Lang::En) => "Removed",
            (Self::Renamed, Lang::En) => "Renamed",
            (Self::Changed, Lang::En) => "Changed",
        }
    }
}

impl Attribute {
    /// «название», «сортировка».
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ru => self.name_ru(),
            Lang::En => self.name_en(),
        }
    }

    const fn name_ru(self) -> &'static str {
        match self {
            Self::Name => "название",
            Self::Order => "сортировка",
            Self::Number => "номер",
            Self::Funnel => "ID воронки",
            Self::Default => "по умолчанию",
            Self::Meaning => "смысл",
            Self::Color => "цвет",
            Self::System => "системный",
            Self::Type => "тип",
            Self::RefersTo => "привязка",
            Self::Required => "обязательное",
            Self::Multiple => "множественное",
            Self::XmlId => "XML_ID",
            Self::Position => "должность",
            Self::Departments => "отделы",
            Self::Active => "работает",
        }
    }

    const fn name_en(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Order => "sort",
            Self::Number => "number",
            Self::Funnel => "funnel ID",
            Self::Default => "default",
            Self::Meaning => "meaning",
            Self::Color => "colour",
            Self::System => "system",
            Self::Type => "type",
            Self::RefersTo => "refers to",
            Self::Required => "required",
            Self::Multiple => "multiple",
            Self::XmlId => "XML_ID",
            Self::Position => "position",
            Self::Departments => "departments",
            Self::Active => "employed",
        }
    }
}

impl Value {
    /// What people read. What the portal's people wrote is shown with [`visible()`].
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Nothing => "—".to_owned(),
            Self::Text(text) => visible(text).into_owned(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => yes_or_no(*flag, lang).to_owned(),
            Self::Meaning(meaning) => meaning.word(lang).to_owned(),
            Self::Type(code) => visible(type_name(code, lang)).into_owned(),
            Self::Texts(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| visible(text)).collect();
                texts.join(", ")
            }
        }
    }
}

impl ItemKind {
    /// «воронка», «поле сделки».
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ru => match self {
                Self::Funnel => "воронка",
                Self::Stage => "статус",
                Self::Field(EntityKind::Deal) => "поле сделки",
                Self::Field(EntityKind::Contact) => "поле контакта",
                Self::Field(EntityKind::Company) => "поле компании",
                Self::Field(EntityKind::Lead) => "поле лида",
                Self::Item(_) => "элемент списка",
                Self::User => "сотрудник",
            },
            Lang::En => match self {
                Self::Funnel => "funnel",
                Self::Stage => "stage",
                Self::Field(EntityKind::Deal) => "deal field",
                Self::Field(EntityKind::Contact) => "contact field",
                Self::Field(EntityKind::Company) => "company field",
                Self::Field(EntityKind::Lead) => "lead field",
                Self::Item(_) => "list item",
                Self::User => "employee",
            },
        }
    }

    /// «Воронки», «Статусы воронок», «Пользовательские поля сделок»: many of its kind.
    #[must_use]
    pub const fn plural(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Funnel, Lang::Ru) => "Воронки",
            (Self::Funnel, Lang::En) => "Funnels",
            (Self::Stage, Lang::Ru) => "Статусы воронок",
            (Self::Stage, Lang::En) => "Funnel stages",
            (Self::User, Lang::Ru) => "Сотрудники",
            (Self::User, Lang::En) => "Employees",
            (Self::Field(entity), _) => entity.fields_title(lang),
            (Self::Item(_), Lang::Ru) => "Элементы списков",
            (Self::Item(_), Lang::En) => "List items",
        }
    }

    /// Which ending the words about it take in Russian.
    const fn gender(self) -> Gender {
        match self {
            Self::Funnel => Gender::Feminine,
            Self::Field(_) => Gender::Neuter,
            Self::Stage | Self::Item(_) | Self::User => Gender::Masculine,
        }
    }
}

#[derive(Clone, Copy)]
enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

impl ItemRef {
    /// «статус C7:NEW «Новая»», «элемент списка 55 «Сайт» поля `UF_CRM_1`».
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        let mut words = format!("{} {}", self.kind.name(lang), visible(&self.id));
        if !self.label.is_empty() {
            let label = visible(&self.label);
            let [open, close] = quotes(lang);
            // Writing into a text never fails.
            let _ = write!(words, " {open}{label}{close}");
        }
        if let ItemKind::Item(_) = self.kind
            && let Some(field) = &self.within
        {
            let of = match lang {
                Lang::Ru => "поля",
                Lang::En => "of",
            };
            let _ = write!(words, " {of} {}", visible(field));
        }
        words
    }
}

impl Change {
    /// «Добавлен статус C7:NEW «Новая»», «Поле сделки `UF_CRM_1` переименовано: «А» → «Б»».
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        let item = match &self.difference {
            Difference::Renamed { .. } => ItemRef {
                label: String::new(),
                ..self.item.clone()
            },
            _ => self.item.clone(),
        };
        let item = item.words(lang);
        let verb = self.verb(lang);
        match (&self.difference, lang) {
            (Difference::Added | Difference::Removed, _) => {
                format!("{} {item}", super::capitalized(verb))
            }
            (Difference::Renamed { before, after }, _) => {
                let [open, close] = quotes(lang);
                format!(
                    "{} {verb}: {open}{}{close} → {open}{}{close}",
                    super::capitalized(&item),
                    visible(before),
                    visible(after)
                )
            }
            (Difference::Changed(altered), _) => {
                let altered: Vec<_> = altered.iter().map(|one| one.words(lang)).collect();
                format!(
                    "{} {verb}: {}",
                    super::capitalized(&item),
                    altered.join("; ")
                )
            }
        }
    }

    fn verb(&self, lang: Lang) -> &'static str {
        let kind = self.difference.kind();
        match lang {
            Lang::Ru => kind.verb_ru(self.item.kind.gender()),
            Lang::En => kind.verb_en(),
        }
    }
}

impl ChangeKind {
    const fn verb_ru(self, gender: Gender) -> &'static str {
        use Gender::{Feminine, Masculine, Neuter};
        match (self, gender) {
            (Self::Added, Masculine) => "добавлен",
            (Self::Added, Feminine) => "добавлена",
            (Self::Added, Neuter) => "добавлено",
            (Self::Removed, Masculine) => "удалён",
            (Self::Removed, Feminine) => "удалена",
            (Self::Removed, Neuter) => "удалено",
            (Self::Renamed, Masculine) => "переименован",
            (Self::Renamed, Feminine) => "переименована",
            (Self::Renamed, Neuter) => "переименовано",
            (Self::Changed, Masculine) => "изменён",
            (Self::Changed, Feminine) => "изменена",
            (Self::Changed, Neuter) => "изменено",
        }
    }

    const fn verb_en(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Changed => "changed",
        }
    }
}

impl Altered {
    /// «сортировка: 10 → 30».
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        format!(
            "{}: {} → {}",
            self.attribute.name(lang),
            self.before.words(lang),
            self.after.words(lang)
        )
    }
}

const fn quotes(lang: Lang) -> [&'static str; 2] {
    match lang {
        Lang::Ru => ["«", "»"],
        Lang::En => ["“", "”"],
    }
}
