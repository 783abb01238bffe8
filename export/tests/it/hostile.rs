//! Specifications whose texts try to become formulas in every place where a text can stand.

use crmap_domain::{
    CustomField, Fields, Funnel, Lang, ListItem, Meaning, PortalInfo, PortalUser, Reading, Section,
    Source, Specification, Stage, Viewer,
};
use proptest::collection::vec;
use proptest::prelude::*;
use time::macros::datetime;

/// What a formula begins with, what may stand before it, and what may come of it.
const PIECES: [&str; 42] = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\0",
    "\n",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "\u{1b}[2J",
    "\u{2028}",
    "'",
    "\"",
    " ",
    "＝",
    "＋",
    "－",
    "＠",
    ";",
    ",",
    "|",
    "\\",
    "\\t",
    "\\u{0}",
    "&",
    "<",
    ">",
    "]]>",
    "_x003D_",
    "_x000D_",
    "</t>",
    "<f>1+1</f>",
    "cmd|'/c calc'!A0",
    "SUM(A1)",
    "HYPERLINK(\"https://example.com\")",
    "{=1}",
    "%",
    "1",
    "Поле",
    "🎉",
];

/// A text of such pieces, one that a formula might follow most of all.
pub fn text() -> impl Strategy<Value = String> {
    vec(proptest::sample::select(&PIECES[..]), 0..6).prop_map(|pieces| pieces.concat())
}

/// A specification with some 2,000 such texts.
pub fn specification() -> impl Strategy<Value = Specification> {
    vec(text(), 2_000).prop_map(|texts| {
        let mut texts = texts.into_iter().cycle();
        let mut next = || texts.next().unwrap();
        Specification {
            portal: PortalInfo {
                address: next(),
                member_id: None,
                plan: Some(next()),
            },
            reading: Reading {
                at: datetime!(2026-11-24 08:31:07 +3),
                source: Source::Application,
                viewer: Viewer {
                    id: 1,
                    name: next(),
                    administrator: true,
                },
                lang: Lang::Ru,
            },
            funnels: rows(100, |id| funnel(id, &mut next)),
            stages: rows(100, |id| stage(id, &mut next)),
            fields: Fields {
                deal: rows(100, |id| field(id, &mut next)),
                contact: Section::Rows(Vec::new()),
                company: rows(20, |id| field(id, &mut next)),
                lead: None,
            },
            users: rows(100, |id| user(id, &mut next)),
        }
    })
}

fn rows<T>(count: i64, row: impl FnMut(i64) -> T) -> Section<T> {
    Section::Rows((1..=count).map(row).collect())
}

fn funnel(id: i64, next: &mut impl FnMut() -> String) -> Funnel {
    Funnel {
        id,
        name: next(),
        sort: -id,
        is_default: false,
    }
}

fn stage(id: i64, next: &mut impl FnMut() -> String) -> Stage {
    Stage {
        id,
        entity_id: next(),
        funnel_id: id % 7,
        status_id: next(),
        name: next(),
        sort: id,
        meaning: Meaning::InProgress,
        color: None,
        system: false,
    }
}

fn field(id: i64, next: &mut impl FnMut() -> String) -> CustomField {
    let item = |id: i64, next: &mut dyn FnMut() -> String| ListItem {
        id,
        value: next(),
        sort: id,
        is_default: false,
        xml_id: Some(next()),
    };
    CustomField {
        id,
        code: next(),
        label: next(),
        type_code: next(),
        refers_to: vec![next(), next()],
        required: false,
        multiple: true,
        sort: id,
        xml_id: Some(next()),
        items: vec![item(2 * id, next), item(2 * id + 1, next)],
    }
}

fn user(id: i64, next: &mut impl FnMut() -> String) -> PortalUser {
    PortalUser {
        id,
        name: next(),
        position: next(),
        departments: vec![next(), next()],
        active: true,
    }
}
