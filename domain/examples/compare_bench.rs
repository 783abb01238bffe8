//! Measures comparisons of two portals at their limits: 50 funnels of 10 stages, 1016 fields and
//! 5000 list items for each of four entities. Prints a line for each case: the best and the median
//! of the given number of runs (20 unless told), in milliseconds, and how many rows were found to
//! differ.

use std::time::{Duration, Instant};

use crmap_domain::compare::compare;
use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, PortalInfo, Reading,
    Section, Source, Specification, Stage, Viewer,
};
use time::OffsetDateTime;

const FUNNELS: i64 = 50;
const STAGES: i64 = 10;
const FIELDS: i64 = 1016;
const LISTS: i64 = 100;
const ITEMS: i64 = 50;

fn main() {
    let runs = std::env::args()
        .nth(1)
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(20);
    let one = portal(Draft::default());
    let copy = Draft {
        number: 1,
        ..Draft::default()
    };
    let cases = [
        ("a renumbered copy", copy),
        (
            "every tenth name another",
            Draft {
                renamed: 10,
                ..copy
            },
        ),
        ("every name another", Draft { renamed: 1, ..copy }),
        (
            "turned upside down",
            Draft {
                upside_down: true,
                ..copy
            },
        ),
        (
            "one name for all",
            Draft {
                renamed: 1,
                one_name: true,
                ..copy
            },
        ),
    ];
    for (name, draft) in cases {
        let other = portal(draft);
        let mut times: Vec<Duration> = Vec::new();
        let mut differ = 0;
        for _ in 0..runs {
            let began = Instant::now();
            let comparison = compare(&one, &other, &[]);
            times.push(began.elapsed());
            let all = comparison.totals().all;
            differ = all.different + all.only_left + all.only_right;
        }
        times.sort_unstable();
        let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1000.0);
        println!(
            "compare {name}: best {:.1} ms, median {:.1} ms, {differ} rows differ",
            ms(times.first()),
            ms(times.get(times.len() / 2)),
        );
    }
}

/// How one portal differs from the other.
#[derive(Clone, Copy, Default)]
struct Draft {
    /// Added to all numbers.
    number: i64,
    /// Every how many names are others; none for 0.
    renamed: i64,
    /// Whether the order is turned.
    upside_down: bool,
    /// Whether all renamed things have the same name.
    one_name: bool,
}

impl Draft {
    fn name(self, name: &str, place: i64) -> String {
        match (self.renamed > 0 && place % self.renamed == 0, self.one_name) {
            (false, _) => name.to_owned(),
            (true, false) => format!("{name}, по-другому"),
            (true, true) => "Другое".to_owned(),
        }
    }

    const fn sort(self, place: i64) -> i64 {
        if self.upside_down {
            -place
        } else {
            place * (10 + self.number)
        }
    }
}

fn portal(draft: Draft) -> Specification {
    let digit = if draft.number == 0 { "a" } else { "b" };
    let fields = |entity: i64| {
        Section::Rows(
            (0..FIELDS)
                .map(|place| field(draft, entity, place))
                .collect(),
        )
    };
    let funnels = (0..FUNNELS).map(|place| funnel(draft, place)).collect();
    let stages = (0..FUNNELS * STAGES).map(|place| stage(draft, place / STAGES, place % STAGES));
    Specification {
        portal: PortalInfo {
            address: format!("{digit}.bitrix24.ru"),
            member_id: MemberId::parse(&digit.repeat(32)).ok(),
            plan: None,
        },
        reading: Reading {
            at: OffsetDateTime::UNIX_EPOCH,
            source: Source::Application,
            viewer: Viewer {
                id: 1,
                name: String::new(),
                administrator: true,
            },
            lang: Lang::Ru,
        },
        funnels: Section::Rows(funnels),
        stages: Section::Rows(stages.collect()),
        fields: Fields {
            deal: fields(0),
            contact: fields(1),
            company: fields(2),
            lead: Some(fields(3)),
        },
        users: Section::Rows(Vec::new()),
    }
}

fn funnel_id(draft: Draft, place: i64) -> i64 {
    if place == 0 {
        0
    } else {
        place * 2 + draft.number * 1000
    }
}

fn funnel(draft: Draft, place: i64) -> Funnel {
    Funnel {
        id: funnel_id(draft, place),
        name: draft.name(&format!("Окна, город {place}"), place),
        sort: draft.sort(place),
        is_default: place == 0,
    }
}

fn stage(draft: Draft, funnel: i64, place: i64) -> Stage {
    let id = funnel_id(draft, funnel);
    let (entity_id, prefix) = match id {
        0 => ("DEAL_STAGE".to_owned(), String::new()),
        id => (format!("DEAL_STAGE_{id}"), format!("C{id}:")),
    };
    Stage {
        id: id * 100 + place,
        entity_id,
        funnel_id: id,
        status_id: format!("{prefix}UC_{place}ABC"),
        name: draft.name(&format!("Этап {place}"), place),
        sort: draft.sort(place),
        meaning: Meaning::InProgress,
        color: Color::parse("#39A8EF"),
        system: false,
    }
}

fn field(draft: Draft, entity: i64, place: i64) -> CustomField {
    let id = entity * 10_000 + place + draft.number * 100_000;
    let is_list = place % 10 == 0 && place / 10 < LISTS;
    let items = (0..ITEMS).filter(|_| is_list).map(|item| ListItem {
        id: id * 100 + item,
        value: draft.name(&format!("Вариант {item}"), item),
        sort: draft.sort(item),
        is_default: item == 0,
        xml_id: Some(format!("{:032x}", id * 100 + item)),
    });
    CustomField {
        id,
        code: format!("UF_CRM_{}", 1_600_000_000 + id),
        label: draft.name(&format!("Показатель {place}"), place),
        type_code: if is_list { "enumeration" } else { "string" }.to_owned(),
        refers_to: Vec::new(),
        required: place % 50 == 1,
        multiple: place % 7 == 3,
        sort: draft.sort(place),
        xml_id: None,
        items: items.collect(),
    }
}
