//! Types of custom fields in words: what Bitrix24 itself has. Types that applications bring have none.

use crate::Lang;

/// The code of each type, and its name in each language, in the order of [`Lang::ALL`].
const TYPES: &[(&str, [&str; Lang::ALL.len()])] = &[
    ("string", ["Строка", "Text"]),
    ("integer", ["Целое число", "Whole number"]),
    ("double", ["Число", "Number"]),
    ("boolean", ["Да/Нет", "Yes/No"]),
    ("date", ["Дата", "Date"]),
    ("datetime", ["Дата и время", "Date and time"]),
    ("enumeration", ["Список", "List"]),
    ("crm_status", ["Справочник CRM", "CRM dictionary"]),
    ("crm", ["Привязка к CRM", "Link to CRM"]),
    ("file", ["Файл", "File"]),
    ("address", ["Адрес", "Address"]),
    ("employee", ["Привязка к сотруднику", "Link to employee"]),
    (
        "resourcebooking",
        ["Бронирование ресурсов", "Resource booking"],
    ),
    ("money", ["Деньги", "Money"]),
    ("url", ["Ссылка", "Web link"]),
    (
        "iblock_section",
        ["Раздел инфоблока", "Information block section"],
    ),
    (
        "iblock_element",
        ["Элемент инфоблока", "Information block element"],
    ),
];

/// The name of a type; nothing for one that CRMAP does not know.
pub(crate) fn known_type(code: &str, lang: Lang) -> Option<&'static str> {
    let (_, names) = TYPES.iter().find(|(known, _)| *known == code)?;
    Some(names[lang as usize])
}
