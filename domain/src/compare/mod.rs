//! Two specifications side by side: of two portals, or of one portal at two moments. What belongs
//! together is found by meaning, not by number or place: funnels by name and stages, stages by name
//! and meaning, fields by code, then by label and type, list items by `XML_ID` and value. Numbers,
//! prefixes of stages (`C7:`) and codes that Bitrix24 makes up (`UF_CRM_1713790573`) differ between
//! any two portals, so they are shown and are no difference; of one portal at two moments they are
//! identity and come first. Of places only the order counts, and only where the sorting says one.
//!
//! What a portal refused is not known: it never counts as missing. People are left out: another
//! portal has other people.
//!
//! Whichever side is the left one, the same rows belong together: the work is done in one direction
//! and turned where the other was asked for.

mod assignment;
mod chain;
mod fields;
mod funnels;
mod hand;
mod items;
pub mod json;
mod matching;
mod result;
mod scope;
mod side;
mod signs;
mod stages;
mod tally;
pub mod text;

use std::cmp::Ordering;

pub use hand::{HandMatch, field_key, funnel_key, item_key, stage_key};
pub use result::{
    Change, Compared, Comparison, Difference, FieldId, FieldRow, FieldsCompared, FunnelId,
    FunnelRow, Head, Ids, Row, StageId, Unknown, Verdict,
};
pub use side::Side;
pub use tally::{FieldTally, Tallies, Tally};

use crate::{EntityKind, Section, Specification};
use hand::Hand;
use scope::Scope;

/// Compares two specifications, by `by_hand` first, where somebody said what belongs together. The
/// rows stand in the order of the left side; what is on the right alone stands where it stands
/// there.
#[must_use]
pub fn compare(left: &Specification, right: &Specification, by_hand: &[HandMatch]) -> Comparison {
    let same_portal =
        left.portal.member_id.is_some() && left.portal.member_id == right.portal.member_id;
    let turned = canonical_order(left, right) == Ordering::Greater;
    let hand = Hand::new(by_hand, turned);
    let scope = Scope {
        same_portal,
        turned,
        hand: &hand,
    };
    Comparison {
        left: Head::of(left),
        right: Head::of(right),
        same_portal,
        funnels: funnels::compare(&scope, left, right),
        stages: Unknown::of(&left.stages, &right.stages),
        fields: EntityKind::ALL
            .into_iter()
            .filter_map(|entity| fields_of(&scope, entity, left, right))
            .collect(),
    }
}

/// The fields of an entity; nothing for leads where neither portal works with them.
fn fields_of(
    scope: &Scope<'_>,
    entity: EntityKind,
    left: &Specification,
    right: &Specification,
) -> Option<FieldsCompared> {
    let none = Section::Rows(Vec::new());
    let (left, right) = (left.fields.of(entity), right.fields.of(entity));
    if left.is_none() && right.is_none() {
        return None;
    }
    let (left, right) = (left.unwrap_or(&none), right.unwrap_or(&none));
    let rows = match Unknown::of(left, right) {
        Some(unknown) => Compared::Unknown(unknown),
        None => Compared::Rows(fields::compare(scope, entity, left.rows(), right.rows())),
    };
    Some(FieldsCompared { entity, rows })
}

/// Which of two specifications the work begins with, whatever side it is on.
fn canonical_order(left: &Specification, right: &Specification) -> Ordering {
    let circumstances = |specification: &Specification| {
        (
            specification.portal.member_id.clone(),
            specification.reading.at,
            specification.portal.address.clone(),
            specification.reading.viewer.id,
        )
    };
    let order = circumstances(left).cmp(&circumstances(right));
    if order != Ordering::Equal || left == right {
        return order;
    }
    crate::json::to_json(left).cmp(&crate::json::to_json(right))
}
