//! One order, whatever order a portal answered in.

use crmap_domain::{CustomField, Lang, Section, Specification, json, text};
use proptest::prelude::*;

use crate::arbitrary::{config, specification};

fn turn<T>(section: &mut Section<T>, by: usize) {
    if let Section::Rows(rows) = section {
        rows.reverse();
        let by = by % rows.len().max(1);
        rows.rotate_left(by);
    }
}

fn turn_fields(section: &mut Section<CustomField>, by: usize) {
    turn(section, by);
    if let Section::Rows(fields) = section {
        for field in fields {
            field.items.reverse();
            field.refers_to.reverse();
        }
    }
}

fn turned(specification: &Specification, by: usize) -> Specification {
    let mut turned = specification.clone();
    turn(&mut turned.funnels, by);
    turn(&mut turned.stages, by);
    for section in turned.fields.each_mut() {
        turn_fields(section, by);
    }
    turn(&mut turned.users, by);
    if let Section::Rows(users) = &mut turned.users {
        users.iter_mut().for_each(|user| user.departments.reverse());
    }
    turned
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_same_content_in_another_order_gives_the_same_bytes(
        specification in specification(),
        by in 0..5_usize,
    ) {
        let mut other = turned(&specification, by);
        other.sort();
        prop_assert_eq!(text::to_text(&other, Lang::Ru), text::to_text(&specification, Lang::Ru));
        prop_assert_eq!(json::to_json(&other), json::to_json(&specification));
    }
}
