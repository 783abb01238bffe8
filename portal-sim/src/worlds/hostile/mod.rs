//! A portal of which every text is an attack on whoever shows it (SEC-50): names, codes, external
//! codes, colours, settings and their keys. What has to be a number, or has to lead from one row to
//! another, is left as it is: without that nothing would be shown at all.

mod payloads;

use serde_json::{Value, json};

use super::{
    Department, Entity, Funnel, Label, ListItem, Meaning, SmartProcess, Status, User, UserField,
    World,
};

const FUNNELS: u32 = 8;
const STAGES: u32 = 12;
const FIELDS: u32 = 50;
const ITEMS: u32 = 6;
const PEOPLE: u32 = 50;
/// The types of fields in turn; the last is no type.
const TYPES: [&str; 8] = [
    "string",
    "enumeration",
    "crm_status",
    "crm",
    "enumeration",
    "iblock_element",
    "money",
    "",
];
const MEANINGS: [Meaning; 4] = [
    Meaning::Process,
    Meaning::Success,
    Meaning::Failure,
    Meaning::Apology,
];

/// Hands out one text after the other, each with a number of its own, so that a page can be asked
/// for exactly this one.
struct Texts(usize);

impl Texts {
    fn next(&mut self) -> String {
        let text = payloads::PAYLOADS[self.0 % payloads::PAYLOADS.len()];
        self.0 += 1;
        format!("{text} ~{}", self.0)
    }

    fn label(&mut self) -> Label {
        let mut text = |language: &str| (language.to_owned(), self.next());
        [text("ru"), text("en")].into()
    }
}

/// The texts that want to do harm.
pub(super) const fn payloads() -> &'static [&'static str] {
    &payloads::PAYLOADS
}

pub(super) fn world() -> World {
    let texts = &mut Texts(0);
    World {
        company: texts.next(),
        crm_mode: 1,
        funnels: (0..FUNNELS).map(|id| funnel(id, texts)).collect(),
        statuses: statuses(texts),
        fields: fields(texts),
        users: (1..=PEOPLE).map(|id| person(id, texts)).collect(),
        departments: (1..=5).map(|id| department(id, texts)).collect(),
        smart_processes: vec![SmartProcess {
            entity_type_id: 177,
            title: texts.next(),
            category_id: 900,
            category_name: texts.next(),
        }],
        hidden_from_employee: vec![3],
        visible_to_narrow: vec![0, 1],
        employee: 2,
        narrow: 3,
    }
}

fn funnel(id: u32, texts: &mut Texts) -> Funnel {
    Funnel {
        id,
        name: texts.next(),
        sort: id * 10,
    }
}

/// The stages of all funnels, and a dictionary of which even the name is hostile.
fn statuses(texts: &mut Texts) -> Vec<Status> {
    let mut statuses = Vec::new();
    for number in 0..FUNNELS * STAGES {
        let (funnel, place) = (number / STAGES, number % STAGES);
        let (entity_id, prefix, category_id) = match funnel {
            0 => ("DEAL_STAGE".to_owned(), String::new(), None),
            id => (format!("DEAL_STAGE_{id}"), format!("C{id}:"), Some(id)),
        };
        statuses.push(status(number, (entity_id, &prefix), category_id, texts));
        statuses[number as usize].meaning = MEANINGS[(place / 3) as usize];
    }
    let of_dictionary = texts.next();
    statuses.push(status(FUNNELS * STAGES, (of_dictionary, ""), None, texts));
    statuses
}

fn status(
    number: u32,
    (entity_id, prefix): (String, &str),
    category_id: Option<u32>,
    texts: &mut Texts,
) -> Status {
    Status {
        id: number + 100,
        entity_id,
        status_id: format!("{prefix}{}", texts.next()),
        name: texts.next(),
        name_init: texts.next(),
        sort: number,
        system: false,
        category_id,
        color: texts.next(),
        meaning: Meaning::Process,
    }
}

fn fields(texts: &mut Texts) -> Vec<UserField> {
    let numbers = 0..FIELDS * 4;
    numbers
        .map(|number| field(number, Entity::ALL[(number / FIELDS) as usize], texts))
        .collect()
}

fn field(number: u32, entity: Entity, texts: &mut Texts) -> UserField {
    let type_name = TYPES[(number % 8) as usize];
    let user_type_id = match type_name {
        "" => texts.next(),
        known => known.to_owned(),
    };
    let has_items = type_name == "enumeration";
    UserField {
        id: number + 1,
        entity,
        name: format!("UF_CRM_{}", texts.next()),
        user_type_id,
        xml_id: Some(texts.next()),
        sort: number,
        multiple: number.is_multiple_of(2),
        mandatory: number.is_multiple_of(3),
        show_filter: texts.next(),
        edit_form_label: texts.label(),
        list_column_label: texts.label(),
        list_filter_label: texts.label(),
        error_message: texts.label(),
        help_message: texts.label(),
        settings: settings(type_name, texts),
        items: (0..ITEMS * u32::from(has_items))
            .map(|place| item(number * ITEMS + place + 1, texts))
            .collect(),
    }
}

/// Keys and values of settings, in the shape that the type has them.
fn settings(type_name: &str, texts: &mut Texts) -> Value {
    match type_name {
        "crm_status" => json!({"ENTITY_TYPE": texts.next()}),
        "crm" => json!({texts.next(): "Y", texts.next(): "Y"}),
        "iblock_element" => json!({"IBLOCK_ID": texts.next()}),
        _ => json!({texts.next(): texts.next(), "DEFAULT_VALUE": texts.next()}),
    }
}

fn item(id: u32, texts: &mut Texts) -> ListItem {
    ListItem {
        id,
        sort: id,
        value: texts.next(),
        default: id % ITEMS == 1,
        xml_id: texts.next(),
    }
}

fn person(id: u32, texts: &mut Texts) -> User {
    User {
        id,
        active: !id.is_multiple_of(7),
        name: texts.next(),
        last_name: texts.next(),
        second_name: texts.next(),
        position: texts.next(),
        gender: texts.next(),
        departments: vec![id % 5 + 1],
        admin: id == 1,
    }
}

fn department(id: u32, texts: &mut Texts) -> Department {
    Department {
        id,
        name: texts.next(),
        sort: id,
        parent: (id > 1).then_some(1),
        head: Some(1),
    }
}
