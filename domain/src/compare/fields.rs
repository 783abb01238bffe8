//! Custom fields: by code, then by label and type, with the items of their lists.

use super::items::{self, ItemOf, both, xml_ids};
use super::matching::{Matching, Siblings};
use super::scope::{Scope, Slot};
use super::signs::{common_type, fold, given_xml_id, is_made_up, likeness, print};
use super::{Change, Difference, FieldId, FieldRow, field_key};
use crate::item::ItemKind;
use crate::{CustomField, EntityKind};

/// A field with its items.
struct FieldOf<'a> {
    field: &'a CustomField,
    items: Siblings<ItemOf<'a>>,
    /// The contents of the items, sorted.
    prints: Vec<u64>,
}

pub(super) fn compare(
    scope: &Scope<'_>,
    entity: EntityKind,
    left: &[CustomField],
    right: &[CustomField],
) -> Vec<FieldRow> {
    let (left, right) = (siblings(left), siblings(right));
    let slots = scope.slots(&left, &right, |matching, left, right| {
        rules(scope, entity, matching, left, right);
    });
    let rows = slots.into_iter().filter_map(|slot| {
        let sides = (
            slot.left.map(|row| left.row(row)),
            slot.right.map(|row| right.row(row)),
        );
        row(scope, entity, &slot, sides)
    });
    rows.collect()
}

fn siblings(fields: &[CustomField]) -> Siblings<FieldOf<'_>> {
    Siblings::new(fields.iter().map(|field| {
        let items = items::siblings(&field.code, &field.items);
        let mut prints = items.prints();
        let content = (
            (!is_made_up(&field.code)).then_some(&field.code),
            &field.label,
            common_type(&field.type_code),
            &targets(field),
            (field.required, field.multiple),
            given_xml_id(field.xml_id.as_deref()),
            &prints,
        );
        let content = print(content);
        prints.sort_unstable();
        let row = FieldOf {
            field,
            items,
            prints,
        };
        (row, field.sort, field.id, content)
    }))
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

fn row(
    scope: &Scope<'_>,
    entity: EntityKind,
    slot: &Slot,
    (left, right): (Option<&FieldOf<'_>>, Option<&FieldOf<'_>>),
) -> Option<FieldRow> {
    let id = |of: &FieldOf<'_>| FieldId {
        id: of.field.id,
        code: of.field.code.clone(),
    };
    let row = slot.row(
        (left, right),
        |of| of.field.label.clone(),
        id,
        |left, right| differences(scope, left.field, right.field),
    )?;
    let none = Siblings::new(std::iter::empty());
    let items = items::compare(
        scope,
        entity,
        left.map_or(&none, |of| &of.items),
        right.map_or(&none, |of| &of.items),
    );
    Some(FieldRow {
        row,
        type_code: left.or(right)?.field.type_code.clone(),
        items,
    })
}

fn rules(
    scope: &Scope<'_>,
    entity: EntityKind,
    matching: &mut Matching,
    left: &Siblings<FieldOf<'_>>,
    right: &Siblings<FieldOf<'_>>,
) {
    scope.hand.apply(
        ItemKind::Field(entity),
        matching,
        |row| field_key(&left.row(row).field.code),
        |row| field_key(&right.row(row).field.code),
    );
    by_code(scope, matching, left, right);
    matching.align(
        |row| Some(left.at(row).print),
        |row| Some(right.at(row).print),
    );
    by_label(matching, left, right);
    // One is left on each side, at the same place, and nothing but one attribute differs.
    if let Some((l, r)) = matching.last()
        && matching.at_one_place((l, r), left, right)
        && is_nearly(scope, left.row(l), right.row(r))
    {
        matching.pair(l, r);
    }
}

/// A code that Bitrix24 made up says little by itself: by accident two portals may have the same
/// one. The type, which nobody can change, or the label must be the same as well.
fn by_code(
    scope: &Scope<'_>,
    matching: &mut Matching,
    left: &Siblings<FieldOf<'_>>,
    right: &Siblings<FieldOf<'_>>,
) {
    let mut by = |sign: &dyn Fn(&CustomField) -> Option<u64>| {
        matching.align(
            |row| sign(left.row(row).field),
            |row| sign(right.row(row).field),
        );
    };
    by(&|field| {
        let counts = scope.same_portal || !is_made_up(&field.code);
        counts.then(|| print(&field.code))
    });
    by(&|field| Some(print((&field.code, common_type(&field.type_code)))));
    by(&|field| Some(print((&field.code, fold(&field.label)))));
}

fn by_label(matching: &mut Matching, left: &Siblings<FieldOf<'_>>, right: &Siblings<FieldOf<'_>>) {
    let exact = |of: &FieldOf<'_>| {
        let field = of.field;
        (!field.label.is_empty()).then(|| print((&field.label, common_type(&field.type_code))))
    };
    let folded = |of: &FieldOf<'_>| {
        let label = fold(&of.field.label);
        (!label.is_empty()).then(|| print((label, common_type(&of.field.type_code))))
    };
    let score = |l: usize, r: usize| alikeness(left.row(l), right.row(r));
    matching.weigh(
        |row| exact(left.row(row)),
        |row| exact(right.row(row)),
        score,
    );
    matching.weigh(
        |row| folded(left.row(row)),
        |row| folded(right.row(row)),
        score,
    );
    let label = |of: &FieldOf<'_>| {
        let label = fold(&of.field.label);
        (!label.is_empty()).then(|| print(label))
    };
    matching.join_sole(|row| label(left.row(row)), |row| label(right.row(row)));
}

/// How alike two fields are that have label and type in common.
fn alikeness(left: &FieldOf<'_>, right: &FieldOf<'_>) -> i64 {
    let (l, r) = (left.field, right.field);
    let equal = [
        l.required == r.required,
        l.multiple == r.multiple,
        targets(l) == targets(r),
        left.prints == right.prints,
    ];
    let equal = equal.into_iter().filter(|is_equal| *is_equal).count();
    i64::from(likeness(&left.prints, &right.prints)) + 100 * equal as i64
}

/// Whether one attribute differs at the most, or the items alone.
fn is_nearly(scope: &Scope<'_>, left: &FieldOf<'_>, right: &FieldOf<'_>) -> bool {
    let items = usize::from(left.prints != right.prints);
    differences(scope, left.field, right.field).len() + items <= 1
}

/// What the values of a field point to, but for numbers that every portal gives by itself: of an
/// information block, of a smart process, of a funnel's stages (bitrix24.md §4.3).
fn targets(field: &CustomField) -> Vec<String> {
    let is_block = field.type_code.starts_with("iblock");
    let kind = |target: &String| {
        if is_block {
            return String::new();
        }
        let numbered = ["DYNAMIC_", "DEAL_STAGE_"].into_iter().find(|kind| {
            let number = target.strip_prefix(kind).unwrap_or_default();
            !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
        });
        numbered.map_or_else(|| target.clone(), str::to_owned)
    };
    let mut targets: Vec<_> = field.refers_to.iter().map(kind).collect();
    targets.sort_unstable();
    targets
}

fn differences(scope: &Scope<'_>, left: &CustomField, right: &CustomField) -> Vec<Difference> {
    let code = Change::between(left.code.as_str(), &right.code)
        .filter(|_| scope.same_portal || !is_made_up(&left.code) || !is_made_up(&right.code));
    let id =
        |field: &CustomField| (scope.same_portal && code.is_none()).then(|| field.id.to_string());
    let is_same_type = if scope.same_portal {
        left.type_code == right.type_code
    } else {
        common_type(&left.type_code) == common_type(&right.type_code)
    };
    let found = [
        Change::between(&id(left), &id(right))
            .and_then(both)
            .map(Difference::Id),
        Change::between(left.label.as_str(), &right.label).map(Difference::Name),
        code.clone().map(Difference::Code),
        Change::between(left.type_code.as_str(), &right.type_code)
            .filter(|_| !is_same_type)
            .map(Difference::Type),
        Change::between(&sorted(&left.refers_to), &sorted(&right.refers_to))
            .filter(|_| scope.same_portal || targets(left) != targets(right))
            .map(Difference::RefersTo),
        Change::between(&left.required, &right.required).map(Difference::Required),
        Change::between(&left.multiple, &right.multiple).map(Difference::Multiple),
        xml_ids(scope, left.xml_id.as_deref(), right.xml_id.as_deref()),
    ];
    found.into_iter().flatten().collect()
}
