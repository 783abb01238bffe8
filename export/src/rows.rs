//! The tables of a specification: which there are, their columns, and the cells of their rows.

use std::collections::BTreeMap;

use crmap_domain::words::type_name;
use crmap_domain::{CustomField, EntityKind, Lang, Refusal, Section, Specification, Stage};

use crate::cell::Cell;
use crate::words::Words;

/// A kind of rows, which has a table of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Funnels of deals.
    Funnels,
    /// Their stages.
    Stages,
    /// Custom fields of an entity.
    Fields(EntityKind),
    /// The items of the lists of an entity's fields.
    Items(EntityKind),
    /// Employees.
    Users,
}

/// The cells of one row.
pub(crate) type Row<'a> = Vec<Cell<'a>>;
/// Rows that are made when they are asked for.
pub(crate) type Rows<'a> = Box<dyn Iterator<Item = Row<'a>> + 'a>;

impl Kind {
    /// Every kind, in the order in which a specification lists them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let entities = EntityKind::ALL
            .into_iter()
            .flat_map(|entity| [Self::Fields(entity), Self::Items(entity)]);
        [Self::Funnels, Self::Stages]
            .into_iter()
            .chain(entities)
            .chain([Self::Users])
    }

    /// What stands above the table.
    pub(crate) const fn title(self, words: &Words, lang: Lang) -> &'static str {
        match self {
            Self::Funnels => words.funnels,
            Self::Stages => words.stages,
            Self::Fields(entity) => entity.fields_title(lang),
            Self::Items(entity) => words.items_titles[entity as usize],
            Self::Users => words.users,
        }
    }

    /// What formulas of a spreadsheet call the table: a word of letters and underscores.
    pub(crate) const fn table_name(self, words: &Words) -> &'static str {
        match self {
            Self::Funnels => words.funnels,
            Self::Stages => words.stages,
            Self::Fields(entity) => words.field_tables[entity as usize],
            Self::Items(entity) => words.item_tables[entity as usize],
            Self::Users => words.users,
        }
    }

    /// The captions of its columns.
    pub(crate) fn captions(self, words: &Words) -> Vec<&'static str> {
        match self {
            Self::Funnels => vec![
                "ID",
                words.name,
                words.sort,
                words.default,
                words.stage_count,
            ],
            Self::Stages => vec![
                "ID",
                words.code,
                words.name,
                words.funnel,
                words.funnel_id,
                words.sort,
                words.meaning,
                words.color,
                words.system,
                words.dictionary,
            ],
            Self::Fields(_) => vec![
                "ID",
                words.code,
                words.name,
                words.kind,
                words.kind_code,
                words.refers_to,
                words.required,
                words.multiple,
                words.sort,
                words.item_count,
                "XML_ID",
            ],
            Self::Items(_) => vec![
                "ID",
                words.field_code,
                words.field,
                words.value,
                words.sort,
                words.default,
                "XML_ID",
            ],
            Self::Users => vec![
                "ID",
                words.person,
                words.position,
                words.departments,
                words.active,
            ],
        }
    }

    /// Whether a portal has such rows at all, and why it did not give them.
    pub(crate) fn refusal(self, specification: &Specification) -> Option<&Refusal> {
        match self {
            Self::Funnels => specification.funnels.refusal(),
            Self::Stages => specification.stages.refusal(),
            Self::Fields(entity) | Self::Items(entity) => {
                let section = specification.fields.of(entity);
                section.and_then(Section::refusal)
            }
            Self::Users => specification.users.refusal(),
        }
    }

    /// How many rows there are; nothing where the portal does not have such, or refused them.
    pub(crate) fn count(self, specification: &Specification) -> Option<usize> {
        let totals = specification.totals();
        match self {
            Self::Funnels => totals.funnels,
            Self::Stages => totals.stages,
            Self::Fields(entity) => totals.fields(entity).map(|count| count.fields),
            Self::Items(entity) => totals.fields(entity).map(|count| count.items),
            Self::Users => totals.users,
        }
    }

    /// The rows, as many cells as captions.
    pub(crate) fn rows<'a>(
        self,
        specification: &'a Specification,
        words: &'static Words,
        lang: Lang,
    ) -> Rows<'a> {
        match self {
            Self::Funnels => funnels(specification, words),
            Self::Stages => stages(specification, words, lang),
            Self::Fields(entity) => fields(fields_of(specification, entity), words, lang),
            Self::Items(entity) => items(fields_of(specification, entity), words),
            Self::Users => users(specification, words),
        }
    }
}

fn fields_of(specification: &Specification, entity: EntityKind) -> &[CustomField] {
    let section = specification.fields.of(entity);
    section.map_or(&[], Section::rows)
}

fn funnels<'a>(specification: &'a Specification, words: &'static Words) -> Rows<'a> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for stage in specification.stages.rows() {
        *counts.entry(stage.funnel_id).or_default() += 1;
    }
    let are_known = specification.stages.refusal().is_none();
    let rows = specification.funnels.rows().iter().map(move |funnel| {
        let count = counts.get(&funnel.id).copied().unwrap_or_default();
        vec![
            Cell::Id(funnel.id),
            Cell::text(&funnel.name),
            Cell::Number(funnel.sort),
            Cell::word(words.yes_or_no(funnel.is_default)),
            Cell::count(are_known.then_some(count)),
        ]
    });
    Box::new(rows)
}

fn stages<'a>(specification: &'a Specification, words: &'static Words, lang: Lang) -> Rows<'a> {
    let names = funnel_names(specification);
    let rows = specification.stages.rows().iter().map(move |stage| {
        let funnel = names.get(&stage.funnel_id).copied().unwrap_or_default();
        vec![
            Cell::Id(stage.id),
            Cell::code(&stage.status_id),
            Cell::text(&stage.name),
            Cell::text(funnel),
            Cell::Id(stage.funnel_id),
            Cell::Number(stage.sort),
            Cell::word(stage.meaning.word(lang)),
            color(stage),
            Cell::word(words.yes_or_no(stage.system)),
            Cell::code(&stage.entity_id),
        ]
    });
    Box::new(rows)
}

fn fields<'a>(fields: &'a [CustomField], words: &'static Words, lang: Lang) -> Rows<'a> {
    let rows = fields.iter().map(move |field| {
        vec![
            Cell::Id(field.id),
            Cell::code(&field.code),
            Cell::text(&field.label),
            type_of(field, lang),
            Cell::code(&field.type_code),
            Cell::list(&field.refers_to, ','),
            Cell::word(words.yes_or_no(field.required)),
            Cell::word(words.yes_or_no(field.multiple)),
            Cell::Number(field.sort),
            Cell::count((!field.items.is_empty()).then_some(field.items.len())),
            Cell::code(field.xml_id.as_deref().unwrap_or_default()),
        ]
    });
    Box::new(rows)
}

fn items<'a>(fields: &'a [CustomField], words: &'static Words) -> Rows<'a> {
    let items = fields
        .iter()
        .flat_map(|field| field.items.iter().map(move |item| (field, item)));
    let rows = items.map(move |(field, item)| {
        vec![
            Cell::Id(item.id),
            Cell::code(&field.code),
            Cell::text(&field.label),
            Cell::text(&item.value),
            Cell::Number(item.sort),
            Cell::word(words.yes_or_no(item.is_default)),
            Cell::code(item.xml_id.as_deref().unwrap_or_default()),
        ]
    });
    Box::new(rows)
}

fn users<'a>(specification: &'a Specification, words: &'static Words) -> Rows<'a> {
    let rows = specification.users.rows().iter().map(move |user| {
        vec![
            Cell::Id(user.id),
            Cell::text(&user.name),
            Cell::text(&user.position),
            Cell::list(&user.departments, ';'),
            Cell::word(words.yes_or_no(user.active)),
        ]
    });
    Box::new(rows)
}

/// What the funnels are called, by their numbers.
pub(crate) fn funnel_names(specification: &Specification) -> BTreeMap<i64, &str> {
    let funnels = specification.funnels.rows().iter();
    funnels.map(|funnel| (funnel.id, &*funnel.name)).collect()
}

/// The type of a field in words; its code, where there are none.
pub(crate) fn type_of(field: &CustomField, lang: Lang) -> Cell<'_> {
    Cell::text(type_name(&field.type_code, lang))
}

/// The colour of a stage.
pub(crate) fn color(stage: &Stage) -> Cell<'_> {
    stage
        .color
        .as_ref()
        .map_or(Cell::Nothing, |color| Cell::code(color.as_str()))
}
