//! A made-up portal out of a number, with the odd things that real portals grow: same names twice,
//! labels missing, empty lists, very long texts.

use super::build::{
    FACTORY_STAGES, Ids, StageDraft, deal_stages, draft, field, funnel, items, label,
};
use super::chance::{Chance, digest};
use super::large::{COLORS, departments, people};
use super::{Entity, Funnel, Label, Meaning, Status, UserField, World, dictionaries};

const FUNNELS: &[&str] = &[
    "Общая",
    "Продажи",
    "Розница",
    "Опт",
    "Сервис",
    "Партнёры",
    "Тендеры",
    "Подписки & продления",
    "Export",
    "Аренда (до 30 дней)",
    "«Старая» воронка",
    "Проекты 🚀",
];

const STAGES: &[&str] = &[
    "Первый звонок",
    "Квалификация",
    "Встреча",
    "Расчёт",
    "КП отправлено",
    "Согласование",
    "Договор",
    "Оплата",
    "Отгрузка",
    "Ожидание",
    "Дожим",
    "Повторный контакт",
];

const LABELS: &[(&str, &str)] = &[
    ("Источник", "Source"),
    ("Бюджет", "Budget"),
    ("Комментарий", "Comment"),
    ("Дата встречи", "Meeting date"),
    ("Регион", ""),
    ("Категория", "Category"),
    ("", "External ID"),
    ("Ссылка", "Link"),
    ("Площадь, м²", "Area, m²"),
    ("Номер договора", ""),
    ("Приоритет <высокий>", "Priority <high>"),
    ("ИНН", "Taxpayer number"),
];

const TYPES: &[&str] = &[
    "string",
    "integer",
    "double",
    "boolean",
    "date",
    "datetime",
    "money",
    "url",
    "address",
    "enumeration",
    "enumeration",
    "enumeration",
    "file",
    "employee",
    "crm_status",
    "crm",
    "iblock_element",
    "iblock_section",
    "resourcebooking",
];

const VALUES: &[&str] = &[
    "Да",
    "Нет",
    "Высокий",
    "Низкий",
    "Другое",
    "A & B",
    "10–20",
    "—",
    "да",
];

pub(super) fn world(seed: u64) -> World {
    let mut chance = Chance::new(seed);
    let has_process = chance.one_in(2);
    let smart_processes = if has_process {
        vec![dictionaries::purchases()]
    } else {
        Vec::new()
    };
    let mut ids = Ids::new(chance.between(1, 500), chance.between(1, 4));
    let (funnels, mut statuses) = pipelines(&mut chance, &mut ids);
    statuses.extend(dictionaries::all(&smart_processes, &mut ids));
    let user_count = chance.between(3, 120);
    World {
        company: format!("Портал {seed}"),
        crm_mode: if chance.one_in(3) { 2 } else { 1 },
        hidden_from_employee: funnels
            .iter()
            .skip(3)
            .take(1)
            .map(|funnel| funnel.id)
            .collect(),
        visible_to_narrow: funnels.iter().take(2).map(|funnel| funnel.id).collect(),
        funnels,
        statuses,
        fields: fields(&mut chance),
        users: people(&mut chance, user_count),
        departments: departments(5),
        smart_processes,
        employee: 4,
        narrow: 7,
    }
}

fn pipelines(chance: &mut Chance, ids: &mut Ids) -> (Vec<Funnel>, Vec<Status>) {
    let (mut funnels, mut statuses) = (Vec::new(), Vec::new());
    let mut id = 0;
    for _ in 0..chance.between(1, 20) {
        funnels.push(funnel(id, chance.pick(FUNNELS), chance.between(1, 20) * 50));
        statuses.extend(stages(chance, id, ids));
        id += chance.between(1, 6);
    }
    (funnels, statuses)
}

fn stages(chance: &mut Chance, funnel_id: u32, ids: &mut Ids) -> Vec<Status> {
    if chance.one_in(3) {
        return deal_stages(funnel_id, &FACTORY_STAGES, ids);
    }
    let middle = chance.between(1, 10);
    let codes: Vec<String> = (0..middle)
        .map(|_| format!("UC_{:06X}", chance.below(1 << 24)))
        .collect();
    let mut drafts = vec![draft("NEW", "Новая", "#39A8EF", Meaning::Process)];
    let process = |code| {
        draft(
            code,
            chance.pick(STAGES),
            chance.pick(COLORS),
            Meaning::Process,
        )
    };
    drafts.extend(
        codes
            .iter()
            .map(String::as_str)
            .map(process)
            .collect::<Vec<StageDraft<'_>>>(),
    );
    drafts.push(draft("WON", "Сделка успешна", "#7BD500", Meaning::Success));
    drafts.push(draft(
        "LOSE",
        "Сделка провалена",
        "#FF5752",
        Meaning::Failure,
    ));
    if chance.one_in(2) {
        drafts.push(draft(
            "APOLOGY",
            "Анализ причины провала",
            "",
            Meaning::Apology,
        ));
    }
    deal_stages(funnel_id, &drafts, ids)
}

fn fields(chance: &mut Chance) -> Vec<UserField> {
    let mut field_ids = Ids::new(chance.between(50, 900), chance.between(1, 3));
    let mut item_ids = Ids::new(chance.between(1, 3000), 1);
    let mut fields = Vec::new();
    for entity in Entity::ALL {
        for _ in 0..chance.below(40) {
            fields.push(one_field(chance, entity, field_ids.take(), &mut item_ids));
        }
    }
    fields
}

fn one_field(chance: &mut Chance, entity: Entity, id: u32, item_ids: &mut Ids) -> UserField {
    let user_type_id = chance.pick(TYPES);
    let name = format!("UF_CRM_{}", 1_500_000_000 + u64::from(id) * 7919);
    let mut made = field(id, entity, &name, user_type_id, one_label(chance));
    made.sort = chance.between(1, 40) * 10;
    made.multiple = user_type_id != "boolean" && chance.one_in(4);
    made.mandatory = chance.one_in(8);
    made.show_filter = chance.pick(&["N", "N", "I", "E", "S"]).to_owned();
    made.xml_id = chance.one_in(5).then(|| digest(&name));
    if user_type_id == "enumeration" {
        let values: Vec<&str> = (0..chance.below(12)).map(|_| chance.pick(VALUES)).collect();
        made.items = items(&name, values, item_ids);
    }
    made
}

fn one_label(chance: &mut Chance) -> Label {
    let (ru, en) = LABELS[chance.below(LABELS.len() as u32) as usize];
    if chance.one_in(25) {
        return label(&format!("{ru} {}", "очень подробно ".repeat(15)), en);
    }
    label(ru, en)
}
