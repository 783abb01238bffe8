//! The sixty user fields of the demo company: 24 of deals, 13 of contacts, 13 of companies, 10 of
//! leads; every type that §4.3 lists is among them.

use serde_json::json;

use crate::worlds::Entity::{self, Company, Contact, Deal, Lead};
use crate::worlds::UserField;
use crate::worlds::build::{Ids, field, items, label};
use crate::worlds::chance::digest;

/// Id, code, type, flags (M multiple, R required, E I S filter), Russian, English, choices.
type FieldDraft = (
    u32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const DEAL: &[FieldDraft] = &[
    (131, "UF_CRM_1713790573", "enumeration", "E", "Тип изделия",
        "Product type", "Окно|Балконный блок|Входная дверь|Раздвижная система|Кухня|Шкаф-купе"),
    (133, "UF_CRM_1713790611", "enumeration", "ME", "Цвет профиля",
        "Profile colour", "Белый|Антрацит|Золотой дуб|Махагон|Серый кварц|По каталогу RAL"),
    (134, "UF_CRM_WINDOW_COUNT", "integer", "I", "Количество изделий", "Number of items", ""),
    (137, "UF_CRM_1713790702", "double", "", "Площадь остекления, м²", "Glazing area, m²", ""),
    (138, "UF_CRM_1713790755", "address", "R", "Адрес объекта", "Site address", ""),
    (141, "UF_CRM_MEASURE_DATE", "datetime", "S", "Дата и время замера", "Measuring visit", ""),
    (142, "UF_CRM_1713791006", "employee", "", "Замерщик", "Measurer", ""),
    (145, "UF_CRM_1713791044", "file", "M", "Чертежи и фото", "Drawings and photos", ""),
    (146, "UF_CRM_PREPAYMENT", "money", "", "Сумма предоплаты", "Prepayment", ""),
    (149, "UF_CRM_1713791120", "boolean", "", "Нужен демонтаж", "Dismantling needed", ""),
    (150, "UF_CRM_1713791188", "boolean", "", "Ипотека или рассрочка", "", ""),
    (153, "UF_CRM_1713791245", "date", "R", "Срок изготовления", "Production deadline", ""),
    (157, "UF_CRM_MOUNT_TEAM", "resourcebooking", "", "Бригада на монтаж", "Fitting team", ""),
    (158, "UF_CRM_1713791390", "string", "", "Номер договора", "Contract number", ""),
    (161, "UF_CRM_1713791402", "string", "M", "Номера счетов 1С", "1C invoice numbers", ""),
    (162, "UF_CRM_PROJECT_URL", "url", "", "Ссылка на проект", "Project link", ""),
    (165, "UF_CRM_1713791533", "crm", "M", "Участники сделки", "Parties of the deal", ""),
    (166, "UF_CRM_1713791567", "crm_status", "", "Отрасль заказчика", "Customer's industry", ""),
    (169, "UF_CRM_1713791601", "iblock_element", "M", "Фурнитура из каталога",
        "Fittings from the catalogue", ""),
    (170, "UF_CRM_1713791644", "iblock_section", "", "Раздел каталога", "Catalogue section", ""),
    (173, "UF_CRM_1713791699", "enumeration", "", "Причина отказа",
        "Reason for refusal", "Высокая цена|Долгий срок|Выбрал конкурента|Передумал|Не дозвонились|Нет нужного цвета"),
    (177, "UF_CRM_WARRANTY_UNTIL", "date", "", "Гарантия до", "Warranty until", ""),
    (178, "UF_CRM_1713791780", "string", "", "Комментарий монтажника", "", ""),
    (181, "UF_CRM_1713791822", "enumeration", "", "Способ доставки", "Delivery", ""),
];

#[rustfmt::skip]
const CONTACT: &[FieldDraft] = &[
    (201, "UF_CRM_1714032101", "enumeration", "E", "Откуда узнал о нас",
        "Heard of us from", "Сайт|Яндекс Карты|Друзья|Наружная реклама|Проходил мимо"),
    (203, "UF_CRM_1714032144", "date", "", "Дата новоселья", "House-warming date", ""),
    (204, "UF_CRM_OBJECT_TYPE", "enumeration", "E", "Тип жилья",
        "Kind of home", "Квартира|Частный дом|Дача|Офис"),
    (207, "UF_CRM_1714032230", "string", "M", "Дополнительные телефоны", "More phone numbers", ""),
    (208, "UF_CRM_1714032277", "boolean", "", "Согласие на рассылку", "Consents to mailings", ""),
    (210, "UF_CRM_1714032301", "address", "", "Адрес проживания", "Home address", ""),
    (211, "UF_CRM_PERSONAL_MANAGER", "employee", "", "Личный менеджер", "Personal manager", ""),
    (214, "UF_CRM_1714032366", "integer", "", "Этаж", "Floor", ""),
    (215, "UF_CRM_1714032390", "url", "", "Профиль в соцсети", "Social profile", ""),
    (218, "UF_CRM_1714032415", "money", "", "Сумма покупок", "Total of purchases", ""),
    (219, "UF_CRM_DISCOUNT", "double", "", "Скидка, %", "Discount, %", ""),
    (222, "UF_CRM_1714032488", "file", "", "Скан договора", "", ""),
    (223, "UF_CRM_1714032502", "crm", "", "Кто порекомендовал", "Recommended by", ""),
];

#[rustfmt::skip]
const COMPANY: &[FieldDraft] = &[
    (241, "UF_CRM_1714118801", "enumeration", "ER", "Категория дилера",
        "Dealer category", "Золотой|Серебряный|Стандарт|Новичок"),
    (243, "UF_CRM_1714118840", "string", "", "Номер дилерского договора", "Dealer contract", ""),
    (244, "UF_CRM_CREDIT_LIMIT", "money", "", "Кредитный лимит", "Credit limit", ""),
    (247, "UF_CRM_1714118911", "integer", "", "Отсрочка платежа, дней", "Payment term, days", ""),
    (248, "UF_CRM_1714118944", "double", "", "Средний чек, тыс. ₽", "Average bill", ""),
    (250, "UF_CRM_1714118979", "datetime", "", "Последняя сверка", "Last reconciliation", ""),
    (253, "UF_CRM_SHOWROOM", "address", "M", "Адреса салонов", "Showroom addresses", ""),
    (254, "UF_CRM_1714119032", "url", "", "Сайт дилера", "Dealer's site", ""),
    (257, "UF_CRM_1714119066", "crm_status", "", "Тип компании", "Company type", ""),
    (258, "UF_CRM_1714119101", "boolean", "", "Работает с НДС", "VAT payer", ""),
    (261, "UF_CRM_1714119135", "employee", "M", "Ответственные", "Persons in charge", ""),
    (262, "UF_CRM_REGION", "enumeration", "M", "Регионы работы",
        "Regions", "Москва|Московская область|Тула|Калуга|Рязань|Тверь|Владимир"),
    (265, "UF_CRM_1714119204", "file", "M", "Учредительные документы", "", ""),
];

#[rustfmt::skip]
const LEAD: &[FieldDraft] = &[
    (281, "UF_CRM_1714205501", "enumeration", "E", "Интерес",
        "Interested in", "Окна|Двери|Кухня|Шкафы|Балкон под ключ"),
    (283, "UF_CRM_1714205533", "string", "", "UTM-метка кампании", "Campaign tag", ""),
    (284, "UF_CRM_CALL_BACK_AT", "datetime", "", "Перезвонить", "Call back at", ""),
    (287, "UF_CRM_1714205602", "integer", "", "Сколько окон", "How many windows", ""),
    (288, "UF_CRM_1714205640", "boolean", "", "Срочный заказ", "Urgent", ""),
    (290, "UF_CRM_1714205677", "money", "", "Бюджет клиента", "Budget", ""),
    (293, "UF_CRM_1714205711", "address", "", "Район", "District", ""),
    (294, "UF_CRM_LANDING", "url", "", "Посадочная страница", "Landing page", ""),
    (297, "UF_CRM_1714205780", "date", "", "Желаемая дата замера", "", ""),
    (298, "UF_CRM_1714205815", "employee", "", "Принял звонок", "Call taken by", ""),
];

pub(super) fn all() -> Vec<UserField> {
    let mut item_ids = Ids::new(3157, 2);
    let families = [
        (Deal, DEAL),
        (Contact, CONTACT),
        (Company, COMPANY),
        (Lead, LEAD),
    ];
    let mut fields = Vec::new();
    for (entity, drafts) in families {
        for (index, draft) in drafts.iter().enumerate() {
            let mut made = from_draft(entity, draft, &mut item_ids);
            made.sort = (index as u32 + 1) * 50;
            fields.push(made);
        }
    }
    fields
}

fn from_draft(entity: Entity, draft: &FieldDraft, item_ids: &mut Ids) -> UserField {
    let &(id, name, user_type_id, flags, ru, en, choices) = draft;
    let mut made = field(id, entity, name, user_type_id, label(ru, en));
    made.multiple = flags.contains('M');
    made.mandatory = flags.contains('R');
    if let Some(mode) = flags.chars().find(|flag| matches!(flag, 'E' | 'I' | 'S')) {
        made.show_filter = mode.to_string();
    }
    let values = choices.split('|').filter(|value| !value.is_empty());
    made.items = items(name, values, item_ids);
    details(&mut made);
    made
}

/// What some fields have beside the ordinary.
fn details(made: &mut UserField) {
    match made.name.as_str() {
        "UF_CRM_1713790573" => {
            made.xml_id = Some(digest("product-type"));
            made.items[0].default = true;
            made.help_message = label("Что заказывает клиент", "What the customer orders");
        }
        "UF_CRM_1713791390" => {
            made.xml_id = Some("CONTRACT_NUMBER".to_owned());
            made.list_column_label = label("Договор №", "Contract no.");
        }
        // A field that was made by a program: its form label is missing altogether.
        "UF_CRM_1713791402" => made.edit_form_label.clear(),
        "UF_CRM_1713790755" => made.error_message = label("Укажите адрес", "Give the address"),
        "UF_CRM_1714119066" => made.settings = json!({"ENTITY_TYPE": "COMPANY_TYPE"}),
        "UF_CRM_1714032390" | "UF_CRM_LANDING" => made.settings = json!([]),
        _ => {}
    }
}
