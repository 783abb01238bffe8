//! Small parts that all worlds are built from: stages, labels, list items.

use super::chance::digest;
use super::settings;
use super::{Entity, Funnel, Label, ListItem, Meaning, Status, UserField};

/// A stage before it has its number and place.
pub(super) struct StageDraft<'a> {
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) color: &'a str,
    pub(super) meaning: Meaning,
}

/// The eight stages that a new deal funnel gets: code, name, colour, meaning.
pub(super) const FACTORY_STAGES: [StageDraft<'_>; 8] = [
    draft("NEW", "Новая", "#39A8EF", Meaning::Process),
    draft(
        "PREPARATION",
        "Подготовка документов",
        "#2FC6F6",
        Meaning::Process,
    ),
    draft(
        "PREPAYMENT_INVOICE",
        "Счёт на предоплату",
        "#55D0E0",
        Meaning::Process,
    ),
    draft("EXECUTING", "В работе", "#47E4C2", Meaning::Process),
    draft(
        "FINAL_INVOICE",
        "Финальный счёт",
        "#FFA900",
        Meaning::Process,
    ),
    draft("WON", "Сделка успешна", "#7BD500", Meaning::Success),
    draft("LOSE", "Сделка провалена", "#FF5752", Meaning::Failure),
    draft(
        "APOLOGY",
        "Анализ причины провала",
        "#FF5752",
        Meaning::Apology,
    ),
];

/// A draft in one line.
pub(super) const fn draft<'a>(
    code: &'a str,
    name: &'a str,
    color: &'a str,
    meaning: Meaning,
) -> StageDraft<'a> {
    StageDraft {
        code,
        name,
        color,
        meaning,
    }
}

/// Hands out ids with gaps, as a portal with a history has them.
pub(super) struct Ids {
    next: u32,
    step: u32,
}

impl Ids {
    pub(super) const fn new(first: u32, step: u32) -> Self {
        Self { next: first, step }
    }

    pub(super) const fn take(&mut self) -> u32 {
        let id = self.next;
        self.next += self.step;
        id
    }
}

/// The stages of a deal funnel, 10 apart, in its own directory and with its own prefix.
pub(super) fn deal_stages(funnel: u32, drafts: &[StageDraft<'_>], ids: &mut Ids) -> Vec<Status> {
    let entity_id = match funnel {
        0 => "DEAL_STAGE".to_owned(),
        id => format!("DEAL_STAGE_{id}"),
    };
    let prefix = if funnel == 0 {
        String::new()
    } else {
        format!("C{funnel}:")
    };
    let category_id = (funnel != 0).then_some(funnel);
    series(&entity_id, &prefix, category_id, drafts, ids)
}

/// The entries of one directory, 10 apart.
pub(super) fn series(
    entity_id: &str,
    prefix: &str,
    category_id: Option<u32>,
    drafts: &[StageDraft<'_>],
    ids: &mut Ids,
) -> Vec<Status> {
    let entry = |(index, draft): (usize, &StageDraft<'_>)| {
        let system = draft.meaning == Meaning::Success || matches!(draft.code, "NEW" | "LOSE");
        Status {
            id: ids.take(),
            entity_id: entity_id.to_owned(),
            status_id: format!("{prefix}{}", draft.code),
            name: draft.name.to_owned(),
            name_init: if system {
                draft.name.to_owned()
            } else {
                String::new()
            },
            sort: (index as u32 + 1) * 10,
            system,
            category_id,
            color: draft.color.to_owned(),
            meaning: draft.meaning,
        }
    };
    drafts.iter().enumerate().map(entry).collect()
}

pub(super) fn funnel(id: u32, name: &str, sort: u32) -> Funnel {
    Funnel {
        id,
        name: name.to_owned(),
        sort,
    }
}

/// A label; an empty text means that the language has none.
pub(super) fn label(ru: &str, en: &str) -> Label {
    let texts = [("ru", ru), ("en", en)];
    let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
    given
        .map(|(language, text)| (language.to_owned(), text.to_owned()))
        .collect()
}

/// A field with the settings of its type and the same label in form, column and filter.
pub(super) fn field(
    id: u32,
    entity: Entity,
    name: &str,
    user_type_id: &str,
    label: Label,
) -> UserField {
    UserField {
        id,
        entity,
        name: name.to_owned(),
        user_type_id: user_type_id.to_owned(),
        xml_id: None,
        sort: 100,
        multiple: false,
        mandatory: false,
        show_filter: "N".to_owned(),
        edit_form_label: label.clone(),
        list_column_label: label.clone(),
        list_filter_label: label,
        error_message: Label::new(),
        help_message: Label::new(),
        settings: settings::of_type(user_type_id),
        items: Vec::new(),
    }
}

/// List items, 10 apart; their external codes depend on field and value.
pub(super) fn items<'a>(
    field_name: &str,
    values: impl IntoIterator<Item = &'a str>,
    ids: &mut Ids,
) -> Vec<ListItem> {
    let item = |(index, value): (usize, &str)| ListItem {
        id: ids.take(),
        sort: (index as u32 + 1) * 10,
        value: value.to_owned(),
        default: false,
        xml_id: digest(&format!("{field_name}/{value}/{index}")),
    };
    values.into_iter().enumerate().map(item).collect()
}
