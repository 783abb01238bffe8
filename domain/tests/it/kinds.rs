//! Every kind of rows is told of wherever specifications are gone through: a new one is missing there
//! until somebody thinks of it.

use std::collections::BTreeSet;

use crmap_domain::change::{changes, find};
use crmap_domain::item::ItemKind;
use crmap_domain::{EntityKind, Lang, Section, Specification, text};

use crate::sample;

/// A reading with rows of every kind, by somebody who sees all.
fn full() -> Specification {
    let mut full = sample::specification();
    let fields = full.fields.deal.clone();
    for entity in EntityKind::ALL {
        full.fields.put(entity, fields.clone());
    }
    full.sort();
    full
}

/// The same with no rows at all.
fn empty() -> Specification {
    let mut empty = full();
    empty.funnels = Section::Rows(Vec::new());
    empty.stages = Section::Rows(Vec::new());
    for fields in empty.fields.each_mut() {
        *fields = Section::Rows(Vec::new());
    }
    empty.users = Section::Rows(Vec::new());
    empty
}

/// All but items of lists, which belong to their fields.
fn kinds() -> BTreeSet<ItemKind> {
    let kinds = ItemKind::ALL.into_iter();
    kinds
        .filter(|kind| !matches!(kind, ItemKind::Item(_)))
        .collect()
}

#[test]
fn rows_of_every_kind_come_and_go_and_are_found_by_their_ids() {
    for (before, after) in [(empty(), full()), (full(), empty())] {
        let told = changes(&before, None, &after);
        let of_kinds: BTreeSet<_> = told.iter().map(|change| change.item.kind).collect();
        assert_eq!(of_kinds, kinds());
        for change in told {
            let found = find(&full(), &change.item.id);
            let mut kinds = found.iter().map(|row| row.item.kind);
            assert!(kinds.any(|kind| kind == change.item.kind), "{change:?}");
        }
    }
}

#[test]
fn the_text_has_a_section_for_every_kind() {
    for lang in Lang::ALL {
        let text = text::to_text(&full(), lang);
        for kind in kinds() {
            let title = format!("\r\n{}: ", kind.plural(lang));
            assert!(text.contains(&title), "{kind:?} {lang:?}");
        }
    }
}
