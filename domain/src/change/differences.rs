//! Comparing two readings, section by section.

use std::collections::BTreeMap;

use super::order::moved;
use super::rows::Row;
use super::{Altered, Attribute, Change, Difference, Value};
use crate::item::{ItemKind, ItemRef};
use crate::{CustomField, EntityKind, Section, Specification};

/// What became of each row from one reading to the next, in the order in which specifications list
/// them; rows that are gone come after the others of their section. `known` holds the rows last
/// known of sections that `before` was refused ([`known_after`](super::known_after)).
#[must_use]
pub fn changes(
    before: &Specification,
    known: Option<&Specification>,
    after: &Specification,
) -> Vec<Change> {
    let mut told = Telling {
        before,
        known,
        after,
        changes: Vec::new(),
    };
    told.section(ItemKind::Funnel, |of| Some(&of.funnels));
    told.section(ItemKind::Stage, |of| Some(&of.stages));
    for entity in EntityKind::ALL {
        told.fields(entity);
    }
    told.section(ItemKind::User, |of| Some(&of.users));
    told.changes
}

/// Which rows there were, whether they were all, and what there is now.
struct Pair<'a, T> {
    old: &'a [T],
    new: &'a [T],
    /// Whether what was not there before is new.
    tells_added: bool,
    /// Whether what is not there any more is gone.
    tells_removed: bool,
    /// Whether names are in the same language.
    tells_names: bool,
}

struct Telling<'a> {
    before: &'a Specification,
    known: Option<&'a Specification>,
    after: &'a Specification,
    changes: Vec<Change>,
}

impl<'a> Telling<'a> {
    /// The rows of a section in both readings; nothing where either does not know them.
    fn pair<T>(
        &self,
        section: impl Fn(&'a Specification) -> Option<&'a Section<T>>,
    ) -> Option<Pair<'a, T>> {
        let rows = |of: &'a Specification| match section(of)? {
            Section::Rows(rows) => Some((of, rows.as_slice())),
            Section::Refused(_) => None,
        };
        let (of_old, old) = rows(self.before).or_else(|| rows(self.known?))?;
        let (of_new, new) = rows(self.after)?;
        Some(Pair {
            old,
            new,
            tells_added: of_old.reading.viewer.administrator,
            tells_removed: of_new.reading.viewer.administrator,
            tells_names: of_old.reading.lang == of_new.reading.lang,
        })
    }

    fn section<T: Row + 'a>(
        &mut self,
        kind: ItemKind,
        section: impl Fn(&'a Specification) -> Option<&'a Section<T>>,
    ) {
        if let Some(pair) = self.pair(section) {
            // What people call these is the same in all languages.
            let pair = Pair {
                tells_names: true,
                ..pair
            };
            compare(kind, None, &pair, &mut self.changes, |_, _, _| {});
        }
    }

    fn fields(&mut self, entity: EntityKind) {
        let Some(pair) = self.pair(|of| of.fields.of(entity)) else {
            return;
        };
        let kind = ItemKind::Field(entity);
        compare(kind, None, &pair, &mut self.changes, |old, new, changes| {
            items(entity, (old, new), &pair, changes);
        });
    }
}

fn items(
    entity: EntityKind,
    (old, new): (&CustomField, &CustomField),
    of: &Pair<'_, CustomField>,
    changes: &mut Vec<Change>,
) {
    let pair = Pair {
        old: &old.items,
        new: &new.items,
        tells_added: of.tells_added,
        tells_removed: of.tells_removed,
        tells_names: true,
    };
    let kind = ItemKind::Item(entity);
    compare(kind, Some(&new.code), &pair, changes, |_, _, _| {});
}

/// Tells of each row that differs; after one that was there before, `inside` tells of what it
/// holds.
fn compare<T: Row>(
    kind: ItemKind,
    within: Option<&str>,
    pair: &Pair<'_, T>,
    changes: &mut Vec<Change>,
    inside: impl Fn(&T, &T, &mut Vec<Change>),
) {
    let named = |row: &T| ItemRef {
        kind,
        id: row.id(),
        within: within.or(row.within()).map(str::to_owned),
        label: row.label().to_owned(),
    };
    let mut old = by_key(pair.old);
    let new = by_key(pair.new);
    let moved = moved_keys(&old, &new);
    for row in pair.new {
        let difference = match old.remove(&row.key()) {
            // A second row of the same key stands for the first.
            _ if !std::ptr::eq(new[&row.key()], row) => None,
            None => pair.tells_added.then_some(Difference::Added),
            Some(was) => {
                let altered = altered(was, row, moved.contains(&row.key()), pair.tells_names);
                if let Some(difference) = difference_of(altered) {
                    let item = named(row);
                    changes.push(Change { item, difference });
                }
                inside(was, row, changes);
                None
            }
        };
        if let Some(difference) = difference {
            let item = named(row);
            changes.push(Change { item, difference });
        }
    }
    if pair.tells_removed {
        let gone = pair.old.iter().filter(|row| {
            old.get(&row.key())
                .is_some_and(|first| std::ptr::eq(*first, *row))
        });
        changes.extend(gone.map(|row| Change {
            item: named(row),
            difference: Difference::Removed,
        }));
    }
}

/// Rows by what they are told apart by; of several alike, the first.
fn by_key<T: Row>(rows: &[T]) -> BTreeMap<T::Key<'_>, &T> {
    let mut by_key = BTreeMap::new();
    for row in rows {
        by_key.entry(row.key()).or_insert(row);
    }
    by_key
}

/// The keys of rows that changed places among those of the same list.
fn moved_keys<'a, T: Row>(
    old: &BTreeMap<T::Key<'a>, &'a T>,
    new: &BTreeMap<T::Key<'a>, &'a T>,
) -> Keys<T::Key<'a>> {
    let mut lists: BTreeMap<Option<&str>, Vec<_>> = BTreeMap::new();
    for (key, row) in new {
        let was = old.get(key).and_then(|was| was.sort());
        if let Some(numbers) = was.zip(row.sort()) {
            lists.entry(row.within()).or_default().push((*key, numbers));
        }
    }
    let mut keys = Vec::new();
    for list in lists.values() {
        let numbers: Vec<_> = list.iter().map(|(_, numbers)| *numbers).collect();
        let moved = moved(&numbers);
        let of_moved = list.iter().zip(moved).filter(|(_, is_moved)| *is_moved);
        keys.extend(of_moved.map(|((key, _), _)| *key));
    }
    keys.sort_unstable();
    Keys(keys)
}

struct Keys<K>(Vec<K>);

impl<K: Ord> Keys<K> {
    fn contains(&self, key: &K) -> bool {
        self.0.binary_search(key).is_ok()
    }
}

fn altered<T: Row>(was: &T, is: &T, is_moved: bool, tells_names: bool) -> Vec<Altered> {
    let mut altered = Vec::new();
    let mut note = |attribute, before: Value, after: Value| {
        if before != after {
            altered.push(Altered {
                attribute,
                before,
                after,
            });
        }
    };
    if tells_names && was.label() != is.label() {
        let text = |text: &str| Value::Text(text.to_owned());
        note(Attribute::Name, text(was.label()), text(is.label()));
    }
    if is_moved && let Some((before, after)) = was.sort().zip(is.sort()) {
        note(
            Attribute::Order,
            Value::Number(before),
            Value::Number(after),
        );
    }
    for ((attribute, before), (_, after)) in was.attributes().into_iter().zip(is.attributes()) {
        note(attribute, before, after);
    }
    altered
}

fn difference_of(altered: Vec<Altered>) -> Option<Difference> {
    if let [
        Altered {
            attribute: Attribute::Name,
            before: Value::Text(before),
            after: Value::Text(after),
        },
    ] = altered.as_slice()
    {
        return Some(Difference::Renamed {
            before: before.clone(),
            after: after.clone(),
        });
    }
    (!altered.is_empty()).then_some(Difference::Changed(altered))
}
