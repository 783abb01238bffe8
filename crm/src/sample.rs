//! A made-up account of any size, for tests and benchmarks.

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, PortalInfo, PortalUser,
    Reading, Section, Source, Specification, Stage, Viewer,
};
use time::OffsetDateTime;

/// How many rows of each kind a sample has.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Funnels.
    pub funnels: i64,
    /// Stages of each funnel.
    pub stages: i64,
    /// Custom fields of deals; contacts and companies have a quarter each.
    pub fields: i64,
    /// People.
    pub users: i64,
}

/// A specification of `size`, the same one each time.
#[must_use]
pub fn sample(size: Size) -> Specification {
    let stages = (0..size.funnels)
        .flat_map(|funnel| (0..size.stages).map(move |number| stage(funnel, number)))
        .collect();
    let fields = |count: i64| Section::Rows((1..=count).map(field).collect());
    Specification {
        portal: PortalInfo {
            address: "demo.bitrix24.ru".to_owned(),
            member_id: MemberId::parse("0123456789abcdef0123456789abcdef").ok(),
            plan: Some("ru_basic".to_owned()),
        },
        reading: Reading {
            at: OffsetDateTime::UNIX_EPOCH,
            source: Source::Application,
            viewer: Viewer {
                id: 1,
                name: "Анна Титова".to_owned(),
                administrator: true,
            },
            lang: Lang::Ru,
        },
        funnels: Section::Rows((0..size.funnels).map(funnel).collect()),
        stages: Section::Rows(stages),
        fields: Fields {
            deal: fields(size.fields),
            contact: fields(size.fields / 4),
            company: fields(size.fields / 4),
            lead: None,
        },
        users: Section::Rows((1..=size.users).map(user).collect()),
    }
}

fn funnel(id: i64) -> Funnel {
    Funnel {
        id,
        name: format!("Продажи {id}"),
        sort: id * 100,
        is_default: id == 0,
    }
}

fn stage(funnel_id: i64, number: i64) -> Stage {
    let prefix = if funnel_id == 0 {
        String::new()
    } else {
        format!("C{funnel_id}:")
    };
    let entity = if funnel_id == 0 {
        "DEAL_STAGE".to_owned()
    } else {
        format!("DEAL_STAGE_{funnel_id}")
    };
    Stage {
        id: funnel_id * 100 + number,
        entity_id: entity,
        funnel_id,
        status_id: format!("{prefix}UC_{number:06X}"),
        name: format!("Согласование условий {number}"),
        sort: number * 10,
        meaning: Meaning::InProgress,
        color: Color::parse("#39a8ef"),
        system: number == 0,
    }
}

fn field(id: i64) -> CustomField {
    let item = |number: i64| ListItem {
        id: id * 100 + number,
        value: format!("Сайт {number}"),
        sort: number * 10,
        is_default: false,
        xml_id: None,
    };
    let list = id % 5 == 0;
    CustomField {
        id,
        code: format!("UF_CRM_{}", 1_713_790_000 + id),
        label: format!("Источник обращения {id}"),
        type_code: if list { "enumeration" } else { "string" }.to_owned(),
        refers_to: Vec::new(),
        required: id % 7 == 0,
        multiple: id % 11 == 0,
        sort: id * 10,
        xml_id: None,
        items: if list {
            (0..4).map(item).collect()
        } else {
            Vec::new()
        },
    }
}

fn user(id: i64) -> PortalUser {
    PortalUser {
        id,
        name: format!("Сотрудник {id}"),
        position: "Менеджер".to_owned(),
        departments: vec!["Отдел продаж".to_owned()],
        active: true,
    }
}
