//! Any specification at all, its texts as hostile as a portal's people can make them.

use std::collections::HashSet;
use std::hash::Hash;

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, PortalInfo, PortalUser,
    Reading, Refusal, Section, Source, Specification, Stage, Viewer,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use time::{OffsetDateTime, UtcOffset};

/// The same cases in every run; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others.
pub fn config() -> Config {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if matches!(config.rng_seed, RngSeed::Random) {
        config.rng_seed = RngSeed::Fixed(20_261_124);
    }
    config
}

/// Pieces that try to end a line, a column or a value, to hide, or to pass for words of CRMAP.
const HOSTILE: [&str; 34] = [
    "\r\n",
    "\n",
    "\r",
    "\t",
    "\u{0}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{9b}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{2066}",
    "\u{61c}",
    "\u{200e}",
    "\u{200d}",
    "\u{feff}",
    "\u{2060}",
    "\u{e0041}",
    " ",
    "  ",
    "\\",
    "\\n",
    "\\u{41}",
    "—",
    ", ",
    "; ",
    ": ",
    ", статусов: 99",
    "\r\nВоронки: 99\r\n===========\r\n",
    ", ID 7, администратор",
    "Список (enumeration)",
    "\r\nДата чтения         2020-01-01\r\n",
];

pub fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        2 => "[а-яёА-ЯЁ ]{1,8}",
        2 => "[A-Za-z0-9_:]{1,8}",
        1 => "\\PC{1,4}",
        1 => any::<char>().prop_map(String::from),
        1 => proptest::sample::select(vec!["電話", "❤\u{fe0f}", "👩\u{200d}💻", "İ", "ẞ", "e\u{301}"])
            .prop_map(str::to_owned),
    ];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn type_code() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(&crate::words::TYPE_CODES[..]).prop_map(str::to_owned),
        1 => "rest_[0-9]_[a-z]{1,5}",
        1 => text(),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        Just(Refusal::NoRights),
        text().prop_map(Refusal::MissingScope),
        Just(Refusal::PlanRequired),
        Just(Refusal::NotSupported),
        (text(), text()).prop_map(|(code, message)| Refusal::Other { code, message }),
    ]
}

/// Rows that differ in their numbers, as rows of a portal do, or a refusal.
fn section<T: std::fmt::Debug + Clone, K: Hash + Eq>(
    row: impl Strategy<Value = T>,
    number: fn(&T) -> K,
) -> impl Strategy<Value = Section<T>> {
    prop_oneof![
        6 => unique(row, number).prop_map(Section::Rows),
        1 => refusal().prop_map(Section::Refused),
    ]
}

fn unique<T: std::fmt::Debug + Clone, K: Hash + Eq>(
    row: impl Strategy<Value = T>,
    number: fn(&T) -> K,
) -> impl Strategy<Value = Vec<T>> {
    vec(row, 0..5).prop_map(move |mut rows| {
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(number(row)));
        rows
    })
}

fn id() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..12_i64, 1 => any::<i64>()]
}

fn funnel() -> impl Strategy<Value = Funnel> {
    (id(), text(), id(), any::<bool>()).prop_map(|(id, name, sort, is_default)| Funnel {
        id,
        name,
        sort,
        is_default,
    })
}

fn stage() -> impl Strategy<Value = Stage> {
    let meaning = proptest::sample::select(vec![
        Meaning::InProgress,
        Meaning::Success,
        Meaning::Failure,
        Meaning::Apology,
    ]);
    let color = option::of("#[0-9a-f]{6}").prop_map(|text| text.as_deref().and_then(Color::parse));
    (
        id(),
        text(),
        id(),
        text(),
        text(),
        id(),
        meaning,
        color,
        any::<bool>(),
    )
        .prop_map(
            |(id, entity_id, funnel_id, status_id, name, sort, meaning, color, system)| Stage {
                id,
                entity_id,
                funnel_id,
                status_id,
                name,
                sort,
                meaning,
                color,
                system,
            },
        )
}

fn item() -> impl Strategy<Value = ListItem> {
    (id(), text(), id(), any::<bool>(), option::of(text())).prop_map(
        |(id, value, sort, is_default, xml_id)| ListItem {
            id,
            value,
            sort,
            is_default,
            xml_id,
        },
    )
}

pub fn field() -> impl Strategy<Value = CustomField> {
    let items = prop_oneof![1 => Just(Vec::new()), 1 => unique(item(), |item| item.id)];
    let flags = (any::<bool>(), any::<bool>());
    (
        id(),
        text(),
        text(),
        type_code(),
        vec(text(), 0..3),
        flags,
        id(),
        option::of(text()),
        items,
    )
        .prop_map(
            |(id, code, label, type_code, refers_to, (required, multiple), sort, xml_id, items)| {
                CustomField {
                    id,
                    code,
                    label,
                    type_code,
                    refers_to,
                    required,
                    multiple,
                    sort,
                    xml_id,
                    items,
                }
            },
        )
}

fn fields() -> impl Strategy<Value = Fields> {
    let entity = || section(field(), |field| field.id);
    (entity(), entity(), entity(), option::of(entity())).prop_map(
        |(deal, contact, company, lead)| Fields {
            deal,
            contact,
            company,
            lead,
        },
    )
}

fn user() -> impl Strategy<Value = PortalUser> {
    (id(), text(), text(), vec(text(), 0..3), any::<bool>()).prop_map(
        |(id, name, position, departments, active)| PortalUser {
            id,
            name,
            position,
            departments,
            active,
        },
    )
}

fn moment() -> impl Strategy<Value = OffsetDateTime> {
    (0..4_102_444_800_i64, 0..1_000_000_000_i64, -720..841_i32).prop_map(
        |(seconds, nanos, minutes)| {
            let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
            let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            (at + time::Duration::nanoseconds(nanos)).to_offset(offset)
        },
    )
}

pub fn reading() -> impl Strategy<Value = Reading> {
    let source = proptest::sample::select(vec![Source::Application, Source::Webhook]);
    let lang = proptest::sample::select(Lang::ALL.to_vec());
    (moment(), source, id(), text(), any::<bool>(), lang).prop_map(
        |(at, source, id, name, administrator, lang)| Reading {
            at,
            source,
            viewer: Viewer {
                id,
                name,
                administrator,
            },
            lang,
        },
    )
}

fn portal() -> impl Strategy<Value = PortalInfo> {
    let member_id = option::of("[0-9a-f]{32}")
        .prop_map(|text| text.map(|text| MemberId::parse(&text).unwrap()));
    (text(), member_id, option::of(text())).prop_map(|(address, member_id, plan)| PortalInfo {
        address,
        member_id,
        plan,
    })
}

pub fn specification() -> impl Strategy<Value = Specification> {
    let funnels = section(funnel(), |funnel| funnel.id);
    let stages = section(stage(), |stage| stage.id);
    let users = section(user(), |user| user.id);
    (portal(), reading(), funnels, stages, fields(), users).prop_map(
        |(portal, reading, funnels, stages, fields, users)| {
            let mut made = Specification {
                portal,
                reading,
                funnels,
                stages,
                fields,
                users,
            };
            made.sort();
            made
        },
    )
}
