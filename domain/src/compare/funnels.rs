//! Funnels: by name, then by how much their stages have in common.

use std::collections::BTreeMap;

use super::assignment;
use super::items::both;
use super::matching::{Matching, Siblings};
use super::scope::{Scope, Slot};
use super::signs::{fold, letter_pairs, likeness, print};
use super::{Change, Compared, Difference, FunnelId, FunnelRow, Unknown, funnel_key, stages};
use crate::item::ItemKind;
use crate::{Specification, Stage};

/// How much of their stages two funnels of other names must have in common, of 1000.
const ALIKE: u32 = 500;
/// By how much that must be more than with any other funnel.
const MARGIN: u32 = 150;
/// How alike names must be that count where stages do not tell.
const NAMES_ALIKE: u32 = 500;

/// A funnel with its stages.
struct FunnelOf<'a> {
    id: i64,
    /// Nothing where only the stages tell of it.
    name: Option<&'a str>,
    is_default: bool,
    stages: Siblings<&'a Stage>,
    /// The contents of the stages, sorted.
    prints: Vec<u64>,
    /// Names and meanings of the stages, sorted.
    meanings: Vec<u64>,
}

pub(super) fn compare(
    scope: &Scope<'_>,
    left: &Specification,
    right: &Specification,
) -> Compared<FunnelRow> {
    if let Some(unknown) = Unknown::of(&left.funnels, &right.funnels) {
        return Compared::Unknown(unknown);
    }
    let knows_stages = Unknown::of(&left.stages, &right.stages).is_none();
    let (left, right) = (siblings(left, knows_stages), siblings(right, knows_stages));
    let slots = scope.slots(&left, &right, |matching, left, right| {
        rules(scope, knows_stages, matching, left, right);
    });
    let rows = slots.into_iter().filter_map(|slot| {
        let sides = (
            slot.left.map(|row| left.row(row)),
            slot.right.map(|row| right.row(row)),
        );
        row(scope, &slot, sides)
    });
    Compared::Rows(rows.collect())
}

/// The funnels that the reader saw, and after them those that only stages tell of.
fn siblings(specification: &Specification, knows_stages: bool) -> Siblings<FunnelOf<'_>> {
    let mut stages: BTreeMap<i64, Vec<&Stage>> = BTreeMap::new();
    if knows_stages {
        for stage in specification.stages.rows() {
            stages.entry(stage.funnel_id).or_default().push(stage);
        }
    }
    let mut made = Vec::new();
    for funnel in specification.funnels.rows() {
        let own = stages.remove(&funnel.id).unwrap_or_default();
        let name = Some(funnel.name.as_str());
        let of = FunnelOf::new(funnel.id, name, funnel.is_default, own);
        made.push(of.with_content(funnel.sort));
    }
    for (id, own) in stages {
        made.push(FunnelOf::new(id, None, false, own).with_content(i64::MAX));
    }
    Siblings::new(made.into_iter())
}

impl<'a> FunnelOf<'a> {
    fn new(id: i64, name: Option<&'a str>, is_default: bool, own: Vec<&'a Stage>) -> Self {
        let stages = stages::siblings(own.into_iter());
        let mut prints = stages.prints();
        prints.sort_unstable();
        Self {
            id,
            name,
            is_default,
            meanings: stages::meanings(&stages),
            prints,
            stages,
        }
    }

    fn with_content(self, sort: i64) -> (Self, i64, i64, u64) {
        let content = print((self.name, self.is_default, self.stages.prints()));
        let id = self.id;
        (self, sort, id, content)
    }
}

fn row(
    scope: &Scope<'_>,
    slot: &Slot,
    (left, right): (Option<&FunnelOf<'_>>, Option<&FunnelOf<'_>>),
) -> Option<FunnelRow> {
    let id = |of: &FunnelOf<'_>| FunnelId {
        id: of.id,
        hidden: of.name.is_none(),
    };
    let mut row = slot.row(
        (left, right),
        |of| of.name.unwrap_or_default().to_owned(),
        id,
        |left, right| differences(scope, left, right),
    )?;
    let is_hidden = |of: Option<&FunnelOf<'_>>| of.is_some_and(|of| of.name.is_none());
    if is_hidden(left) || is_hidden(right) {
        // Nobody knows its place either.
        row.differences
            .retain(|difference| !matches!(difference, Difference::Place(_)));
        let known = left.and_then(|of| of.name).or(right.and_then(|of| of.name));
        row.label = known.unwrap_or_default().to_owned();
    }
    let none = Siblings::new(std::iter::empty());
    let stages = stages::compare(
        scope,
        left.map_or(&none, |of| &of.stages),
        right.map_or(&none, |of| &of.stages),
    );
    Some(FunnelRow { row, stages })
}

fn rules(
    scope: &Scope<'_>,
    knows_stages: bool,
    matching: &mut Matching,
    left: &Siblings<FunnelOf<'_>>,
    right: &Siblings<FunnelOf<'_>>,
) {
    scope.hand.apply(
        ItemKind::Funnel,
        matching,
        |row| funnel_key(left.row(row).id),
        |row| funnel_key(right.row(row).id),
    );
    if scope.same_portal {
        matching.align(
            |row| Some(print(left.row(row).id)),
            |row| Some(print(right.row(row).id)),
        );
    }
    matching.align(
        |row| Some(left.at(row).print),
        |row| Some(right.at(row).print),
    );
    let score = |l: usize, r: usize| alikeness(left.row(l), right.row(r));
    let exact = |of: &FunnelOf<'_>| of.name.map(print);
    matching.weigh(
        |row| exact(left.row(row)),
        |row| exact(right.row(row)),
        score,
    );
    let folded = |of: &FunnelOf<'_>| of.name.map(|name| print(fold(name)));
    matching.weigh(
        |row| folded(left.row(row)),
        |row| folded(right.row(row)),
        score,
    );
    by_stages(matching, left, right);
    // The last ones belong together where nothing speaks against it: they have no stages that could,
    // or nobody may see their names.
    let say_nothing = |l: &FunnelOf<'_>, r: &FunnelOf<'_>| {
        l.meanings.is_empty() && r.meanings.is_empty() || l.name.is_none() && r.name.is_none()
    };
    if let Some((l, r)) = matching.last()
        && (!knows_stages || say_nothing(left.row(l), right.row(r)))
        && matching.at_one_place((l, r), left, right)
    {
        matching.pair(l, r);
    }
}

/// How alike two funnels are; the default one goes with the default one where stages leave it open.
fn alikeness(left: &FunnelOf<'_>, right: &FunnelOf<'_>) -> i64 {
    let default = i64::from(left.is_default == right.is_default);
    i64::from(4 * likeness(&left.meanings, &right.meanings))
        + i64::from(likeness(&left.prints, &right.prints))
        + 100 * default
}

/// Pairs funnels of other names by their stages, as far as these tell: where they are like those of
/// no other funnel, or the names are alike, too, or both are the default one. Many funnels have the
/// stages that every new one gets.
fn by_stages(
    matching: &mut Matching,
    left: &Siblings<FunnelOf<'_>>,
    right: &Siblings<FunnelOf<'_>>,
) {
    let (lefts, rights) = (matching.free_left(), matching.free_right());
    if lefts.len().max(rights.len()) > assignment::MAX {
        return;
    }
    let names = |of: &FunnelOf<'_>| letter_pairs(&fold(of.name.unwrap_or_default()));
    let left_names: Vec<_> = lefts.iter().map(|row| names(left.row(*row))).collect();
    let right_names: Vec<_> = rights.iter().map(|row| names(right.row(*row))).collect();
    let alike: Vec<Vec<u32>> = lefts
        .iter()
        .map(|l| {
            let of = &left.row(*l).meanings;
            rights
                .iter()
                .map(|r| likeness(of, &right.row(*r).meanings))
                .collect()
        })
        .collect();
    let are_default =
        |l: usize, r: usize| left.row(lefts[l]).is_default && right.row(rights[r]).is_default;
    let score = |l: usize, r: usize| {
        if alike[l][r] < ALIKE {
            return 0;
        }
        4 * i64::from(alike[l][r])
            + i64::from(likeness(&left_names[l], &right_names[r]))
            + 400 * i64::from(are_default(l, r))
    };
    for (l, r) in assignment::best(lefts.len(), rights.len(), score) {
        let mine = alike[l][r];
        let of_others = |other: u32| other + MARGIN <= mine;
        let stands_out = (0..rights.len()).all(|other| other == r || of_others(alike[l][other]))
            && (0..lefts.len()).all(|other| other == l || of_others(alike[other][r]));
        let is_told = stands_out
            || are_default(l, r)
            || likeness(&left_names[l], &right_names[r]) >= NAMES_ALIKE;
        if mine >= ALIKE && is_told {
            matching.pair(lefts[l], rights[r]);
        }
    }
}

fn differences(scope: &Scope<'_>, left: &FunnelOf<'_>, right: &FunnelOf<'_>) -> Vec<Difference> {
    let id = |of: &FunnelOf<'_>| scope.same_portal.then(|| of.id.to_string());
    let id = Change::between(&id(left), &id(right)).and_then(both);
    let (Some(left_name), Some(right_name)) = (left.name, right.name) else {
        return id.map(Difference::Id).into_iter().collect();
    };
    let found = [
        id.map(Difference::Id),
        Change::between(left_name, right_name).map(Difference::Name),
        Change::between(&left.is_default, &right.is_default).map(Difference::Default),
    ];
    found.into_iter().flatten().collect()
}
