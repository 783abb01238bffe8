//! A small portal with one of everything.

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, PortalInfo, PortalUser,
    Reading, Refusal, Section, Source, Specification, Stage, Viewer,
};
use time::macros::datetime;

pub fn specification() -> Specification {
    Specification {
        portal: PortalInfo {
            address: "demo.bitrix24.ru".to_owned(),
            member_id: Some(MemberId::parse("0123456789abcdef0123456789ABCDEF").unwrap()),
            plan: Some("ru_basic".to_owned()),
        },
        reading: Reading {
            at: datetime!(2026-11-24 08:31:07.25 +3),
            source: Source::Application,
            viewer: Viewer {
                id: 1,
                name: "Анна Титова".to_owned(),
                administrator: true,
            },
            lang: Lang::Ru,
        },
        funnels: Section::Rows(vec![
            funnel(9, "Опт\nи «розница»", 200),
            funnel(0, "Общая", 300),
        ]),
        stages: Section::Rows(stages()),
        fields: Fields {
            deal: Section::Rows(deal_fields()),
            contact: Section::Rows(Vec::new()),
            company: Section::Refused(Refusal::NoRights),
            lead: None,
        },
        users: Section::Rows(users()),
    }
}

pub fn funnel(id: i64, name: &str, sort: i64) -> Funnel {
    Funnel {
        id,
        name: name.to_owned(),
        sort,
        is_default: id == 0,
    }
}

fn stages() -> Vec<Stage> {
    vec![
        stage(301, 9, "C9:NEW", "Заявка", Meaning::InProgress),
        stage(101, 0, "NEW", "Новая", Meaning::InProgress),
        stage(109, 0, "WON", "Сделка успешна 🎉", Meaning::Success),
        stage(111, 0, "APOLOGY", "Анализ причины", Meaning::Apology),
        stage(777, 7, "C7:LOSE", "Отказ", Meaning::Failure),
    ]
}

pub fn stage(id: i64, funnel_id: i64, status_id: &str, name: &str, meaning: Meaning) -> Stage {
    Stage {
        id,
        entity_id: match funnel_id {
            0 => "DEAL_STAGE".to_owned(),
            _ => format!("DEAL_STAGE_{funnel_id}"),
        },
        funnel_id,
        status_id: status_id.to_owned(),
        name: name.to_owned(),
        sort: 10,
        meaning,
        color: Color::parse("#39A8EF").filter(|_| id != 111),
        system: id < 200,
    }
}

fn deal_fields() -> Vec<CustomField> {
    let mut channel = field(6799, "UF_CRM_1724077760", "Канал", "enumeration");
    channel.required = true;
    channel.multiple = true;
    channel.items = vec![
        item(3157, "Сайт", Some("79b4c2")),
        item(3158, "Звонок \u{202E}кибошо", None),
        item(3159, "電話", None),
    ];
    channel.items[0].is_default = true;
    let mut industry = field(6800, "UF_CRM_INDUSTRY", "Отрасль", "crm_status");
    industry.refers_to = vec!["INDUSTRY".to_owned()];
    let mut client = field(6801, "UF_CRM_CLIENT", "Клиент", "crm");
    client.refers_to = vec!["CONTACT".to_owned(), "COMPANY".to_owned()];
    client.xml_id = Some("client-1".to_owned());
    let color = field(6802, "UF_CRM_COLOR", "", "rest_5_color");
    vec![channel, industry, client, color]
}

pub fn field(id: i64, code: &str, label: &str, type_code: &str) -> CustomField {
    CustomField {
        id,
        code: code.to_owned(),
        label: label.to_owned(),
        type_code: type_code.to_owned(),
        refers_to: Vec::new(),
        required: false,
        multiple: false,
        sort: id - 6700,
        xml_id: None,
        items: Vec::new(),
    }
}

pub fn item(id: i64, value: &str, xml_id: Option<&str>) -> ListItem {
    ListItem {
        id,
        value: value.to_owned(),
        sort: 10,
        is_default: false,
        xml_id: xml_id.map(str::to_owned),
    }
}

fn users() -> Vec<PortalUser> {
    vec![
        user(
            1,
            "Анна Титова",
            "Директор",
            &["Руководство", "Отдел продаж; Москва"],
            true,
        ),
        user(17, "", "", &["#15"], false),
    ]
}

pub fn user(id: i64, name: &str, position: &str, departments: &[&str], active: bool) -> PortalUser {
    PortalUser {
        id,
        name: name.to_owned(),
        position: position.to_owned(),
        departments: departments.iter().map(|name| (*name).to_owned()).collect(),
        active,
    }
}
