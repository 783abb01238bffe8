//! How many rows are equal, and how many are not.

use serde::{Deserialize, Serialize};

use super::{Compared, Comparison, FieldRow, Row, Verdict};
use crate::EntityKind;

/// Numbers of rows by how their sides stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// The same on both sides.
    pub equal: u32,
    /// On both sides, but not the same.
    pub different: u32,
    /// On the left alone.
    pub only_left: u32,
    /// On the right alone.
    pub only_right: u32,
}

impl Tally {
    /// How many of one kind.
    #[must_use]
    pub const fn of(&self, verdict: Verdict) -> u32 {
        match verdict {
            Verdict::Equal => self.equal,
            Verdict::Different => self.different,
            Verdict::OnlyLeft => self.only_left,
            Verdict::OnlyRight => self.only_right,
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.different == 0 && self.only_left == 0 && self.only_right == 0
    }

    fn count<'a, I: 'a>(rows: impl IntoIterator<Item = &'a Row<I>>) -> Self {
        let mut tally = Self::default();
        for row in rows {
            *match row.verdict() {
                Verdict::Equal => &mut tally.equal,
                Verdict::Different => &mut tally.different,
                Verdict::OnlyLeft => &mut tally.only_left,
                Verdict::OnlyRight => &mut tally.only_right,
            } += 1;
        }
        tally
    }

    fn plus(self, other: Self) -> Self {
        Self {
            equal: self.equal + other.equal,
            different: self.different + other.different,
            only_left: self.only_left + other.only_left,
            only_right: self.only_right + other.only_right,
        }
    }
}

/// The fields of an entity and the items of their lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FieldTally {
    /// The fields.
    pub fields: Tally,
    /// The items of all their lists together.
    pub items: Tally,
}

/// The numbers of a whole comparison; nothing where rows are not known. What belongs below a row
/// that stands alone counts, too.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tallies {
    /// Funnels.
    pub funnels: Option<Tally>,
    /// Stages of all of them.
    pub stages: Option<Tally>,
    /// Fields, by entity.
    pub fields: Vec<(EntityKind, Option<FieldTally>)>,
    /// All of these together.
    pub all: Tally,
}

impl Comparison {
    /// How many rows are equal, and how many are not.
    #[must_use]
    pub fn totals(&self) -> Tallies {
        let funnels = match &self.funnels {
            Compared::Rows(rows) => Some(Tally::count(rows.iter().map(|funnel| &funnel.row))),
            Compared::Unknown(_) => None,
        };
        let rows = self.funnels.rows();
        let stages = (funnels.is_some() && self.stages.is_none())
            .then(|| Tally::count(rows.iter().flat_map(|funnel| &funnel.stages)));
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|fields| (fields.entity, field_tally(&fields.rows)))
            .collect();
        let of_fields = fields
            .iter()
            .filter_map(|(_, tally)| *tally)
            .map(|tally| tally.fields.plus(tally.items));
        let all = funnels
            .into_iter()
            .chain(stages)
            .chain(of_fields)
            .fold(Tally::default(), Tally::plus);
        Tallies {
            funnels,
            stages,
            fields,
            all,
        }
    }

    /// Whether nothing differs in what both sides know.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.totals().all.is_equal()
    }

    /// Whether a side does not know something, so that more may differ than is seen.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let unknown = |rows: &Compared<FieldRow>| matches!(rows, Compared::Unknown(_));
        matches!(self.funnels, Compared::Unknown(_))
            || self.stages.is_some()
            || self.fields.iter().any(|fields| unknown(&fields.rows))
    }
}

fn field_tally(rows: &Compared<FieldRow>) -> Option<FieldTally> {
    match rows {
        Compared::Rows(rows) => Some(FieldTally {
            fields: Tally::count(rows.iter().map(|field| &field.row)),
            items: Tally::count(rows.iter().flat_map(|field| &field.items)),
        }),
        Compared::Unknown(_) => None,
    }
}
