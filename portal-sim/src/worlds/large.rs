//! A portal at its limits: 50 funnels of 10 stages, 1016 fields and 5000 list items for each
//! entity, 1000 people.

use super::build::{Ids, StageDraft, deal_stages, draft, field, funnel, items, label};
use super::chance::Chance;
use super::{Department, Entity, Funnel, Meaning, Status, User, UserField, World, dictionaries};

pub(super) const FIRST_NAMES: &[(&str, &str)] = &[
    ("Анна", "F"),
    ("Мария", "F"),
    ("Елена", "F"),
    ("Дарья", "F"),
    ("Ольга", "F"),
    ("Иван", "M"),
    ("Пётр", "M"),
    ("Андрей", "M"),
    ("Тимур", "M"),
    ("Олег", "M"),
];

pub(super) const SURNAMES: &[&str] = &[
    "Андреенко",
    "Бойко",
    "Вдовиченко",
    "Гончаренко",
    "Дорошенко",
    "Живаго",
    "Зуенко",
    "Ким",
    "Кравченко",
    "Левченко",
    "Мазуренко",
    "Нечипоренко",
    "Панченко",
    "Руденко",
    "Ткаченко",
    "Фоменко",
    "Цой",
    "Шевчук",
];

pub(super) const POSITIONS: &[&str] = &[
    "Менеджер",
    "Старший менеджер",
    "Руководитель группы",
    "Инженер",
    "Логист",
    "Аналитик",
    "Кладовщик",
    "Бухгалтер",
    "Маркетолог",
];

pub(super) const COLORS: &[&str] = &[
    "#39A8EF", "#2FC6F6", "#55D0E0", "#47E4C2", "#FFA900", "#9DCF00", "#A8ADB4",
];

const PRODUCTS: &[&str] = &[
    "Окна",
    "Двери",
    "Кухни",
    "Шкафы",
    "Лестницы",
    "Фасады",
    "Витрины",
    "Перегородки",
    "Столешницы",
    "Кровля",
];

const CITIES: &[&str] = &["Москва", "Казань", "Тула", "Пермь", "Омск"];

/// Types in turn; every tenth field is a list, the first hundred of them.
const TYPES: &[&str] = &[
    "enumeration",
    "string",
    "integer",
    "double",
    "boolean",
    "date",
    "datetime",
    "money",
    "url",
    "employee",
];

const FIELDS_PER_ENTITY: u32 = 1016;
const LISTS_PER_ENTITY: u32 = 100;
const ITEMS_PER_LIST: u32 = 50;

pub(super) fn world() -> World {
    let smart_processes = vec![dictionaries::purchases()];
    let (funnels, mut statuses, mut ids) = pipelines();
    statuses.extend(dictionaries::all(&smart_processes, &mut ids));
    World {
        company: "Группа компаний «Большая стройка»".to_owned(),
        crm_mode: 1,
        funnels,
        statuses,
        fields: fields(),
        users: people(&mut Chance::new(1000), 1000),
        departments: departments(20),
        smart_processes,
        hidden_from_employee: vec![98],
        visible_to_narrow: vec![0, 2],
        employee: 4,
        narrow: 7,
    }
}

fn pipelines() -> (Vec<Funnel>, Vec<Status>, Ids) {
    let mut ids = Ids::new(1, 3);
    let mut funnels = Vec::new();
    let mut statuses = Vec::new();
    for index in 0..50_u32 {
        let (product, city) = (PRODUCTS[index as usize % 10], CITIES[index as usize / 10]);
        funnels.push(funnel(
            index * 2,
            &format!("{product}, {city}"),
            (index + 1) * 10,
        ));
        statuses.extend(ten_stages(index * 2, &mut ids));
    }
    (funnels, statuses, ids)
}

fn ten_stages(funnel_id: u32, ids: &mut Ids) -> Vec<Status> {
    let codes = ["NEW", "S2", "S3", "S4", "S5", "S6", "S7"];
    let names: Vec<String> = (1..=7).map(|step| format!("Этап {step}")).collect();
    let mut drafts: Vec<StageDraft<'_>> = codes
        .iter()
        .zip(&names)
        .zip(COLORS)
        .map(|((code, name), color)| draft(code, name, color, Meaning::Process))
        .collect();
    drafts.push(draft("WON", "Успех", "#7BD500", Meaning::Success));
    drafts.push(draft("LOSE", "Провал", "#FF5752", Meaning::Failure));
    drafts.push(draft("APOLOGY", "Разбор", "#FF5752", Meaning::Apology));
    deal_stages(funnel_id, &drafts, ids)
}

fn fields() -> Vec<UserField> {
    let mut item_ids = Ids::new(50, 1);
    let mut fields = Vec::new();
    for entity in Entity::ALL {
        for index in 0..FIELDS_PER_ENTITY {
            fields.push(numbered_field(entity, index, &mut item_ids));
        }
    }
    fields
}

fn numbered_field(entity: Entity, index: u32, item_ids: &mut Ids) -> UserField {
    let user_type_id = TYPES[index as usize % TYPES.len()];
    let id = 1000 * (entity.type_id() * 2) + index;
    let name = format!("UF_CRM_{}", 1_600_000_000 + u64::from(id) * 61);
    let text = format!("Показатель {}", index + 1);
    let labels = label(&text, &format!("Figure {}", index + 1));
    let mut made = field(id, entity, &name, user_type_id, labels);
    made.sort = (index + 1) * 10;
    made.multiple = index % 7 == 3;
    made.mandatory = index % 50 == 1;
    if user_type_id == "enumeration" && index < LISTS_PER_ENTITY * TYPES.len() as u32 {
        let values: Vec<String> = (1..=ITEMS_PER_LIST)
            .map(|n| format!("Вариант {n}"))
            .collect();
        made.items = items(&name, values.iter().map(String::as_str), item_ids);
    }
    made
}

/// People by chance; the first is the administrator, every fortieth is dismissed.
pub(super) fn people(chance: &mut Chance, count: u32) -> Vec<User> {
    let person = |index: u32| {
        let (name, gender) = FIRST_NAMES[chance.below(FIRST_NAMES.len() as u32) as usize];
        User {
            id: 1 + index * 3,
            active: index % 40 != 39,
            name: name.to_owned(),
            last_name: chance.pick(SURNAMES).to_owned(),
            second_name: String::new(),
            position: chance.pick(POSITIONS).to_owned(),
            gender: gender.to_owned(),
            departments: vec![1 + chance.below(3)],
            admin: index == 0,
        }
    };
    (0..count).map(person).collect()
}

/// A root and `count` departments under it.
pub(super) fn departments(count: u32) -> Vec<Department> {
    let department = |index: u32| Department {
        id: index + 1,
        name: if index == 0 {
            "Компания".to_owned()
        } else {
            format!("Отдел {index}")
        },
        sort: 500,
        parent: (index > 0).then_some(1),
        head: (index == 0).then_some(1),
    };
    (0..=count).map(department).collect()
}
