//! What somebody said belongs together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::matching::Matching;
use crate::item::ItemKind;

/// Two things that somebody says are the same, or, where one key is empty, a thing that nothing on
/// the other side belongs to. The keys are made by [`funnel_key`], [`stage_key`], [`field_key`],
/// [`item_key`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HandMatch {
    /// What they are.
    pub kind: ItemKind,
    /// The key on the left; may be empty.
    pub left: String,
    /// The key on the right; may be empty.
    pub right: String,
}

/// What names a funnel in its portal.
#[must_use]
pub fn funnel_key(id: i64) -> String {
    id.to_string()
}

/// What names a stage in its portal.
#[must_use]
pub fn stage_key(entity_id: &str, status_id: &str) -> String {
    format!("{entity_id}/{status_id}")
}

/// What names a field of an entity in its portal.
#[must_use]
pub fn field_key(code: &str) -> String {
    code.to_owned()
}

/// What names an item of a field's list in its portal.
#[must_use]
pub fn item_key(code: &str, id: i64) -> String {
    format!("{code}/{id}")
}

/// All that was said, turned into the direction in which the work is done.
#[derive(Default)]
pub(super) struct Hand<'a> {
    kinds: BTreeMap<ItemKind, Said<'a>>,
}

/// What was said of one kind.
#[derive(Default)]
struct Said<'a> {
    pairs: BTreeMap<&'a str, &'a str>,
    alone_left: BTreeSet<&'a str>,
    alone_right: BTreeSet<&'a str>,
}

impl<'a> Hand<'a> {
    /// Of what contradicts itself, what was said first counts.
    pub(super) fn new(said: &'a [HandMatch], turned: bool) -> Self {
        let mut made = Self::default();
        for HandMatch { kind, left, right } in said {
            let (left, right) = if turned { (right, left) } else { (left, right) };
            let of_kind = made.kinds.entry(*kind).or_default();
            match (left.as_str(), right.as_str()) {
                ("", "") => {}
                (left, "") => {
                    of_kind.alone_left.insert(left);
                }
                ("", right) => {
                    of_kind.alone_right.insert(right);
                }
                (left, right) => {
                    of_kind.pairs.entry(left).or_insert(right);
                }
            }
        }
        made
    }

    /// Pairs, and keeps apart, what was said of the rows of one kind that have these keys.
    pub(super) fn apply(
        &self,
        kind: ItemKind,
        matching: &mut Matching,
        left_key: impl Fn(usize) -> String,
        right_key: impl Fn(usize) -> String,
    ) {
        let Some(said) = self.kinds.get(&kind) else {
            return;
        };
        let right: BTreeMap<String, usize> = matching
            .free_right()
            .into_iter()
            .map(|index| (right_key(index), index))
            .collect();
        for index in matching.free_left() {
            let key = left_key(index);
            let other = said.pairs.get(key.as_str());
            match other.and_then(|other| right.get(*other)) {
                Some(other) => matching.pair_by_hand(index, *other),
                None if said.alone_left.contains(key.as_str()) => matching.bar_left(index),
                None => {}
            }
        }
        for (key, index) in right {
            if said.alone_right.contains(key.as_str()) {
                matching.bar_right(index);
            }
        }
    }
}
