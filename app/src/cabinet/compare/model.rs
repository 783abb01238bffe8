//! A comparison as lines of a page: whatever its kind, a line has two sides, what differs, and
//! perhaps lines below it.

use crmap_domain::compare::{
    Comparison, Difference, FieldId, FieldRow, FunnelId, FunnelRow, HandMatch, Row, StageId,
    Unknown, Verdict, field_key, funnel_key, item_key, stage_key,
};
use crmap_domain::item::ItemKind;
use crmap_domain::{EntityKind, Lang, words};

use super::room::{Show, Spot};
use crate::say;

/// A side of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// What people call it; may be empty.
    pub(super) name: String,
    /// What is copied.
    pub(super) id: String,
    /// What it is known by when somebody matches by hand.
    pub(super) key: String,
}

/// A line.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) spot: Spot,
    pub(super) kind: ItemKind,
    pub(super) verdict: Verdict,
    pub(super) by_hand: bool,
    pub(super) left: Option<Shown>,
    pub(super) right: Option<Shown>,
    pub(super) differences: &'a [Difference],
    /// The type of a field.
    pub(super) note: Option<String>,
}

impl Line<'_> {
    /// What people call it, wherever it is.
    pub(super) fn name(&self) -> &str {
        let shown = self.left.as_ref().or(self.right.as_ref());
        shown.map_or("", |shown| {
            if shown.name.is_empty() {
                &shown.id
            } else {
                &shown.name
            }
        })
    }

    /// What to say of both sides by hand: that they belong together.
    pub(super) fn said(&self) -> HandMatch {
        let key = |shown: &Option<Shown>| {
            shown
                .as_ref()
                .map_or_else(String::new, |shown| shown.key.clone())
        };
        HandMatch {
            kind: self.kind,
            left: key(&self.left),
            right: key(&self.right),
        }
    }
}

/// A section of the page: 0 for funnels, then the entities that either side has fields of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Funnels,
    Fields(usize, EntityKind),
}

pub(super) fn sections(comparison: &Comparison) -> Vec<Section> {
    let fields = comparison.fields.iter().enumerate();
    std::iter::once(Section::Funnels)
        .chain(fields.map(|(index, fields)| Section::Fields(index, fields.entity)))
        .collect()
}

impl Section {
    /// Why its rows are not known, if they are not.
    pub(super) fn unknown(self, comparison: &Comparison) -> Option<&Unknown> {
        use crmap_domain::compare::Compared::{Rows, Unknown};
        match self {
            Self::Funnels => match &comparison.funnels {
                Unknown(unknown) => Some(unknown),
                Rows(_) => None,
            },
            Self::Fields(index, _) => match &comparison.fields.get(index)?.rows {
                Unknown(unknown) => Some(unknown),
                Rows(_) => None,
            },
        }
    }

    /// The number of its rows.
    pub(super) fn count(self, comparison: &Comparison) -> usize {
        match self {
            Self::Funnels => comparison.funnels.rows().len(),
            Self::Fields(index, _) => fields(comparison, index).len(),
        }
    }

    /// One of its rows as a line.
    pub(super) fn line(self, comparison: &Comparison, row: usize, lang: Lang) -> Option<Line<'_>> {
        match self {
            Self::Funnels => Some(funnel_line(comparison.funnels.rows().get(row)?, row, lang)),
            Self::Fields(index, entity) => {
                let field = fields(comparison, index).get(row)?;
                Some(field_line(field, entity, index + 1, row, lang))
            }
        }
    }

    /// The lines below one of its rows.
    pub(super) fn nested(self, comparison: &Comparison, row: usize) -> Vec<Line<'_>> {
        match self {
            Self::Funnels => {
                let stages = stages(comparison, row).iter().enumerate();
                stages
                    .map(|(nested, stage)| stage_line(stage, row, nested))
                    .collect()
            }
            Self::Fields(index, entity) => {
                let Some(field) = fields(comparison, index).get(row) else {
                    return Vec::new();
                };
                let items = field.items.iter().enumerate();
                let spot = |nested| Spot {
                    section: index + 1,
                    row,
                    nested: Some(nested),
                };
                items
                    .map(|(nested, item)| item_line(item, field, entity, spot(nested)))
                    .collect()
            }
        }
    }

    /// Verdicts of what is below one of its rows.
    pub(super) fn nested_verdicts(self, comparison: &Comparison, row: usize) -> Vec<Verdict> {
        match self {
            Self::Funnels => {
                let stages = stages(comparison, row);
                stages.iter().map(Row::verdict).collect()
            }
            Self::Fields(index, _) => {
                let items = fields(comparison, index)
                    .get(row)
                    .map(|field| &field.items[..]);
                items.unwrap_or_default().iter().map(Row::verdict).collect()
            }
        }
    }

    /// The rows that are shown: by themselves, or for what is below them.
    pub(super) fn rows_of(self, comparison: &Comparison, show: Show) -> Vec<usize> {
        let is_shown = |row: &usize| {
            let own = self.verdict(comparison, *row);
            let below = self.nested_verdicts(comparison, *row);
            own.into_iter()
                .chain(below)
                .any(|verdict| show.takes(verdict))
                || (show == Show::Different && self.differs_inside(comparison, *row))
        };
        (0..self.count(comparison)).filter(is_shown).collect()
    }

    fn verdict(self, comparison: &Comparison, row: usize) -> Option<Verdict> {
        match self {
            Self::Funnels => Some(comparison.funnels.rows().get(row)?.row.verdict()),
            Self::Fields(index, _) => Some(fields(comparison, index).get(row)?.row.verdict()),
        }
    }

    /// Whether a row that is on both sides is not the same inside.
    pub(super) fn differs_inside(self, comparison: &Comparison, row: usize) -> bool {
        match self {
            Self::Funnels => {
                let funnel = comparison.funnels.rows().get(row);
                funnel.is_some_and(FunnelRow::differs_inside)
            }
            Self::Fields(index, _) => {
                let field = fields(comparison, index).get(row);
                field.is_some_and(FieldRow::differs_inside)
            }
        }
    }
}

/// The line at a spot.
pub(super) fn line_at(comparison: &Comparison, spot: Spot, lang: Lang) -> Option<Line<'_>> {
    let section = *sections(comparison).get(spot.section)?;
    match spot.nested {
        None => section.line(comparison, spot.row, lang),
        Some(nested) => section.nested(comparison, spot.row).into_iter().nth(nested),
    }
}

/// What a line that stands alone can be matched with: lines that stand alone on the other side, under
/// the same row.
pub(super) fn candidates(comparison: &Comparison, spot: Spot, lang: Lang) -> Vec<Shown> {
    let Some(section) = sections(comparison).get(spot.section).copied() else {
        return Vec::new();
    };
    let Some(line) = line_at(comparison, spot, lang) else {
        return Vec::new();
    };
    let siblings: Vec<Line<'_>> = match spot.nested {
        Some(_) => section.nested(comparison, spot.row),
        None => (0..section.count(comparison))
            .filter_map(|row| section.line(comparison, row, lang))
            .collect(),
    };
    let others = siblings
        .into_iter()
        .filter_map(|other| match (line.verdict, other.verdict) {
            (Verdict::OnlyLeft, Verdict::OnlyRight) => other.right,
            (Verdict::OnlyRight, Verdict::OnlyLeft) => other.left,
            _ => None,
        });
    others.collect()
}

fn stages(comparison: &Comparison, row: usize) -> &[Row<StageId>] {
    let funnel = comparison.funnels.rows().get(row);
    funnel.map_or(&[], |funnel| &funnel.stages)
}

fn fields(comparison: &Comparison, index: usize) -> &[FieldRow] {
    let fields = comparison.fields.get(index);
    fields.map_or(&[], |fields| fields.rows.rows())
}

/// What a row is called on each side.
fn names<I>(row: &Row<I>) -> (String, String) {
    let renamed = row
        .differences
        .iter()
        .find_map(|difference| match difference {
            Difference::Name(change) => Some((change.left.clone(), change.right.clone())),
            _ => None,
        });
    renamed.unwrap_or_else(|| (row.label.clone(), row.label.clone()))
}

/// The two sides of a row, each by its name, its ID and its key.
fn sides<I>(
    row: &Row<I>,
    id: impl Fn(&I) -> String,
    key: impl Fn(&I) -> String,
) -> (Option<Shown>, Option<Shown>) {
    let (left, right) = names(row);
    let shown = |name: String, side: &I| Shown {
        name,
        id: id(side),
        key: key(side),
    };
    (
        row.ids.left().map(|side| shown(left, side)),
        row.ids.right().map(|side| shown(right, side)),
    )
}

fn funnel_line(funnel: &FunnelRow, row: usize, lang: Lang) -> Line<'_> {
    let (mut left, mut right) = sides(&funnel.row, |id| id.id.to_string(), |id| funnel_key(id.id));
    let hidden = |shown: &mut Option<Shown>, id: Option<&FunnelId>| {
        if let (Some(shown), Some(true)) = (shown, id.map(|id| id.hidden)) {
            say!(lang, compare_hidden_funnel).clone_into(&mut shown.name);
        }
    };
    hidden(&mut left, funnel.row.ids.left());
    hidden(&mut right, funnel.row.ids.right());
    Line {
        spot: Spot {
            section: 0,
            row,
            nested: None,
        },
        kind: ItemKind::Funnel,
        verdict: funnel.row.verdict(),
        by_hand: funnel.row.by_hand,
        left,
        right,
        differences: &funnel.row.differences,
        note: None,
    }
}

fn stage_line(stage: &Row<StageId>, row: usize, nested: usize) -> Line<'_> {
    let (left, right) = sides(
        stage,
        |id| id.status_id.clone(),
        |id| stage_key(&id.entity_id, &id.status_id),
    );
    Line {
        spot: Spot {
            section: 0,
            row,
            nested: Some(nested),
        },
        kind: ItemKind::Stage,
        verdict: stage.verdict(),
        by_hand: stage.by_hand,
        left,
        right,
        differences: &stage.differences,
        note: None,
    }
}

fn field_line(
    field: &FieldRow,
    entity: EntityKind,
    section: usize,
    row: usize,
    lang: Lang,
) -> Line<'_> {
    let (left, right) = sides(&field.row, |id| id.code.clone(), |id| field_key(&id.code));
    Line {
        spot: Spot {
            section,
            row,
            nested: None,
        },
        kind: ItemKind::Field(entity),
        verdict: field.row.verdict(),
        by_hand: field.row.by_hand,
        left,
        right,
        differences: &field.row.differences,
        note: Some(words::type_name(&field.type_code, lang).to_owned()),
    }
}

fn item_line<'a>(
    item: &'a Row<i64>,
    field: &'a FieldRow,
    entity: EntityKind,
    spot: Spot,
) -> Line<'a> {
    let (left_code, right_code) = (
        code_of(field.row.ids.left()),
        code_of(field.row.ids.right()),
    );
    let (mut left, mut right) = sides(item, i64::to_string, |_| String::new());
    if let (Some(shown), Some(id)) = (&mut left, item.ids.left()) {
        shown.key = item_key(left_code, *id);
    }
    if let (Some(shown), Some(id)) = (&mut right, item.ids.right()) {
        shown.key = item_key(right_code, *id);
    }
    Line {
        spot,
        kind: ItemKind::Item(entity),
        verdict: item.verdict(),
        by_hand: item.by_hand,
        left,
        right,
        differences: &item.differences,
        note: None,
    }
}

fn code_of(side: Option<&FieldId>) -> &str {
    side.map_or("", |id| id.code.as_str())
}
