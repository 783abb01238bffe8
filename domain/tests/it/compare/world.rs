//! Portals as they are: funnels with the stages that every new one gets, names that occur twice,
//! fields without a label, codes that Bitrix24 made up beside codes that somebody chose.

use crmap_domain::{
    Color, CustomField, Fields, Funnel, ListItem, Meaning, MemberId, Refusal, Section,
    Specification, Stage,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::sample;

const FUNNELS: [&str; 5] = ["Продажи", "продажи ", "Сервис", "Опт и розница", "Партнёры"];
const LABELS: [&str; 6] = ["Канал", "канал", "Сумма договора", "Адрес", "Счёт", ""];
const TYPES: [&str; 7] = [
    "string",
    "enumeration",
    "integer",
    "date",
    "crm_status",
    "rest_5_color",
    "enumeration",
];
const VALUES: [&str; 6] = ["Сайт", "сайт", "Звонок", "Выставка", "Ещё", "Другое"];
const FACTORY: [(&str, &str, Meaning); 5] = [
    ("NEW", "Новая", Meaning::InProgress),
    ("PREPARATION", "Подготовка документов", Meaning::InProgress),
    ("WON", "Сделка успешна", Meaning::Success),
    ("LOSE", "Сделка провалена", Meaning::Failure),
    ("APOLOGY", "Анализ причины провала", Meaning::Apology),
];
const OWN_STAGES: [&str; 5] = ["Замер", "Договор", "договор", "Монтаж", "Приёмка"];

/// What a funnel is made from: its name, whether its sorting is its own, whether it has the stages
/// of the factory, further stages, whether the reader may see it.
type FunnelDraft = (usize, bool, bool, Vec<(usize, bool, u8)>, bool);

/// A field: label, type, whether its code is made up, required and multiple, whether its sorting is
/// its own, items.
type FieldDraft = (usize, usize, bool, (bool, bool), bool, Vec<(usize, u8)>);

pub fn world() -> impl Strategy<Value = Specification> {
    let stage = (0..OWN_STAGES.len(), any::<bool>(), 0..4_u8);
    let funnel = (
        0..FUNNELS.len(),
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.7),
        vec(stage, 0..4),
        prop::bool::weighted(0.9),
    );
    let field = || {
        (
            0..LABELS.len(),
            0..TYPES.len(),
            prop::bool::weighted(0.7),
            (any::<bool>(), any::<bool>()),
            prop::bool::weighted(0.6),
            vec((0..VALUES.len(), 0..4_u8), 0..6),
        )
    };
    let refusals = vec(prop::bool::weighted(0.05), 5);
    (
        vec(funnel, 1..6),
        vec(field(), 0..8),
        vec(field(), 0..4),
        refusals,
    )
        .prop_map(|(funnels, deal, contact, refusals)| build(&funnels, &deal, &contact, &refusals))
}

fn build(
    funnels: &[FunnelDraft],
    deal: &[FieldDraft],
    contact: &[FieldDraft],
    refusals: &[bool],
) -> Specification {
    let mut made = sample::specification();
    made.portal.member_id = Some(MemberId::parse(&"a".repeat(32)).unwrap());
    let mut stages = Vec::new();
    let mut shown = Vec::new();
    for (place, draft) in funnels.iter().enumerate() {
        let id = place as i64 * 2;
        stages.extend(funnel_stages(id, draft));
        if draft.4 || place == 0 {
            shown.push(Funnel {
                id,
                name: FUNNELS[draft.0].to_owned(),
                sort: if draft.1 {
                    (place as i64 + 1) * 100
                } else {
                    300
                },
                is_default: place == 0,
            });
        }
    }
    made.funnels = Section::Rows(shown);
    made.stages = Section::Rows(stages);
    made.fields = Fields {
        deal: Section::Rows(fields(deal, 1000)),
        contact: Section::Rows(fields(contact, 2000)),
        company: Section::Rows(Vec::new()),
        lead: None,
    };
    refuse(&mut made, refusals);
    made.sort();
    made
}

fn refuse(made: &mut Specification, refusals: &[bool]) {
    if refusals[0] {
        made.funnels = Section::Refused(Refusal::NoRights);
    }
    if refusals[1] {
        made.stages = Section::Refused(Refusal::NoRights);
    }
    if refusals[2] {
        made.fields.contact = Section::Refused(Refusal::PlanRequired);
    }
    if refusals[3] {
        made.fields.company = Section::Refused(Refusal::NotSupported);
    }
}

fn funnel_stages(id: i64, (_, _, is_factory, own, _): &FunnelDraft) -> Vec<Stage> {
    let mut made = Vec::new();
    let mut push = |bare: String, name: &str, meaning, color: &str, system| {
        let place = made.len() as i64;
        made.push(Stage {
            id: id * 100 + place,
            entity_id: entity_id(id),
            funnel_id: id,
            status_id: status_id(id, &bare),
            name: name.to_owned(),
            sort: (place + 1) * 10,
            meaning,
            color: Color::parse(color),
            system,
        });
    };
    let factory = if *is_factory { &FACTORY[..] } else { &[] };
    for (bare, name, meaning) in &factory[..factory.len().min(2)] {
        push(
            (*bare).to_owned(),
            name,
            *meaning,
            "#39a8ef",
            *bare == "NEW",
        );
    }
    for (place, (name, is_numbered, color)) in own.iter().enumerate() {
        let bare = if *is_numbered {
            place.to_string()
        } else {
            format!("UC_{id}{place}XYZ")
        };
        let color = ["", "#2fc6f6", "#55d0e0", "#ffa900"][usize::from(*color)];
        push(bare, OWN_STAGES[*name], Meaning::InProgress, color, false);
    }
    for (bare, name, meaning) in factory.iter().skip(2) {
        push(
            (*bare).to_owned(),
            name,
            *meaning,
            "#7bd500",
            *bare != "APOLOGY",
        );
    }
    made
}

pub fn entity_id(funnel: i64) -> String {
    match funnel {
        0 => "DEAL_STAGE".to_owned(),
        id => format!("DEAL_STAGE_{id}"),
    }
}

pub fn status_id(funnel: i64, bare: &str) -> String {
    match funnel {
        0 => bare.to_owned(),
        id => format!("C{id}:{bare}"),
    }
}

fn fields(drafts: &[FieldDraft], first: i64) -> Vec<CustomField> {
    let drafts = drafts.iter().enumerate();
    drafts
        .map(|(place, draft)| field(first + place as i64 * 3, place, draft))
        .collect()
}

fn field(id: i64, place: usize, draft: &FieldDraft) -> CustomField {
    let (label, type_code, is_made_up, (required, multiple), is_sorted, items) = draft;
    let type_code = TYPES[*type_code];
    let code = if *is_made_up {
        format!("UF_CRM_{}", 1_700_000_000 + id)
    } else {
        format!("UF_CRM_OWN_{place}")
    };
    let mut made = sample::field(id, &code, LABELS[*label], type_code);
    made.required = *required;
    made.multiple = *multiple;
    made.sort = if *is_sorted {
        (place as i64 + 1) * 10
    } else {
        35
    };
    if type_code == "crm_status" {
        made.refers_to = vec!["INDUSTRY".to_owned()];
    }
    if type_code == "enumeration" {
        made.items = items
            .iter()
            .enumerate()
            .map(|(at, item)| self::item(id, at, item))
            .collect();
    }
    made
}

fn item(field: i64, place: usize, (value, kind): &(usize, u8)) -> ListItem {
    let id = field * 50 + place as i64;
    let xml_id = match kind {
        0 => None,
        1 => Some(format!("own-{place}")),
        _ => Some(format!("{id:032x}")),
    };
    ListItem {
        id,
        value: VALUES[*value].to_owned(),
        sort: if *kind == 3 {
            25
        } else {
            (place as i64 + 1) * 10
        },
        is_default: place == 0,
        xml_id,
    }
}
