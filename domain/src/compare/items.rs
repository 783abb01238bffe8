//! Items of lists: by the identifier from outside, then by value.

use super::matching::{Matching, Siblings};
use super::scope::Scope;
use super::signs::{fold, given_xml_id, print};
use super::{Change, Difference, Row, item_key};
use crate::item::ItemKind;
use crate::{EntityKind, ListItem};

/// An item and the code of its field.
#[derive(Clone, Copy)]
pub(super) struct ItemOf<'a> {
    code: &'a str,
    item: &'a ListItem,
}

/// The items of a field.
pub(super) fn siblings<'a>(code: &'a str, items: &'a [ListItem]) -> Siblings<ItemOf<'a>> {
    Siblings::new(items.iter().map(|item| {
        let content = (
            &item.value,
            given_xml_id(item.xml_id.as_deref()),
            item.is_default,
        );
        (ItemOf { code, item }, item.sort, item.id, print(content))
    }))
}

pub(super) fn compare(
    scope: &Scope<'_>,
    entity: EntityKind,
    left: &Siblings<ItemOf<'_>>,
    right: &Siblings<ItemOf<'_>>,
) -> Vec<Row<i64>> {
    let slots = scope.slots(left, right, |matching, left, right| {
        rules(scope, entity, matching, left, right);
    });
    let rows = slots.into_iter().filter_map(|slot| {
        let sides = (
            slot.left.map(|row| left.row(row).item),
            slot.right.map(|row| right.row(row).item),
        );
        slot.row(
            sides,
            |item| item.value.clone(),
            |item| item.id,
            |left, right| differences(scope, left, right),
        )
    });
    rows.collect()
}

fn rules(
    scope: &Scope<'_>,
    entity: EntityKind,
    matching: &mut Matching,
    left: &Siblings<ItemOf<'_>>,
    right: &Siblings<ItemOf<'_>>,
) {
    let key = |of: &ItemOf<'_>| item_key(of.code, of.item.id);
    scope.hand.apply(
        ItemKind::Item(entity),
        matching,
        |row| key(left.row(row)),
        |row| key(right.row(row)),
    );
    let mut by = |sign: &dyn Fn(&ListItem) -> Option<u64>| {
        matching.align(
            |row| sign(left.row(row).item),
            |row| sign(right.row(row).item),
        );
    };
    if scope.same_portal {
        by(&|item| Some(print(item.id)));
    }
    by(&|item| {
        let xml_id = item.xml_id.as_deref().filter(|id| !id.is_empty());
        xml_id.map(print)
    });
    matching.align(
        |row| Some(left.at(row).print),
        |row| Some(right.at(row).print),
    );
    let mut by = |sign: &dyn Fn(&ListItem) -> u64| {
        matching.align(
            |row| Some(sign(left.row(row).item)),
            |row| Some(sign(right.row(row).item)),
        );
    };
    by(&|item| print(&item.value));
    by(&|item| print(fold(&item.value)));
    // One is left on each side, at the same place: it was renamed.
    if let Some((l, r)) = matching.last()
        && matching.at_one_place((l, r), left, right)
    {
        matching.pair(l, r);
    }
}

fn differences(scope: &Scope<'_>, left: &ListItem, right: &ListItem) -> Vec<Difference> {
    let id = |item: &ListItem| scope.same_portal.then(|| item.id.to_string());
    let found = [
        Change::between(&id(left), &id(right))
            .and_then(both)
            .map(Difference::Id),
        Change::between(left.value.as_str(), &right.value).map(Difference::Name),
        Change::between(&left.is_default, &right.is_default).map(Difference::Default),
        xml_ids(scope, left.xml_id.as_deref(), right.xml_id.as_deref()),
    ];
    found.into_iter().flatten().collect()
}

/// A change of two values that are there.
pub(super) fn both<T>(change: Change<Option<T>>) -> Option<Change<T>> {
    Some(Change {
        left: change.left?,
        right: change.right?,
    })
}

/// In what two identifiers from outside differ: of one portal as they are, of two only as far as
/// somebody gave them.
pub(super) fn xml_ids(
    scope: &Scope<'_>,
    left: Option<&str>,
    right: Option<&str>,
) -> Option<Difference> {
    let counts = |id| {
        if scope.same_portal {
            id
        } else {
            given_xml_id(id)
        }
    };
    let owned = |id: Option<&str>| id.map(str::to_owned);
    Change::between(&owned(counts(left)), &owned(counts(right))).map(Difference::XmlId)
}
