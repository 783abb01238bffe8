//! The directories besides deal stages: lead and quote stages, sources, kinds of companies… (§4.2).

use super::build::{Ids, StageDraft, draft, series};
use super::{Meaning, SmartProcess, Status};

const LEAD: &[StageDraft<'_>] = &[
    draft("NEW", "Не обработан", "#39A8EF", Meaning::Process),
    draft("IN_PROCESS", "В работе", "#2FC6F6", Meaning::Process),
    draft("PROCESSED", "Обработан", "#55D0E0", Meaning::Process),
    draft("CONVERTED", "Качественный лид", "#7BD500", Meaning::Success),
    draft("JUNK", "Некачественный лид", "#FF5752", Meaning::Failure),
];

const QUOTE: &[StageDraft<'_>] = &[
    draft("DRAFT", "Черновик", "#39A8EF", Meaning::Process),
    draft("SENT", "Отправлено клиенту", "#2FC6F6", Meaning::Process),
    draft("APPROVED", "Принято", "#7BD500", Meaning::Success),
    draft("DECLAINED", "Отклонено", "#FF5752", Meaning::Failure),
    draft(
        "APOLOGY",
        "Анализ причины провала",
        "#FF5752",
        Meaning::Apology,
    ),
];

const INVOICE: &[StageDraft<'_>] = &[
    draft("N", "Новый", "#39A8EF", Meaning::Process),
    draft("S", "Отправлен клиенту", "#2FC6F6", Meaning::Process),
    draft("P", "Оплачен", "#7BD500", Meaning::Success),
    draft("D", "Не оплачен", "#FF5752", Meaning::Failure),
];

const SMART: &[StageDraft<'_>] = &[
    draft("NEW", "Заявка", "#22B9FF", Meaning::Process),
    draft("PREPARATION", "Согласование", "#88B9FF", Meaning::Process),
    draft("CLIENT", "Закупка", "#10E5FC", Meaning::Process),
    draft("SUCCESS", "Успех", "#00FF00", Meaning::Success),
    draft("FAIL", "Отказ", "#FF0000", Meaning::Failure),
];

const PLAIN: &[(&str, &[(&str, &str)])] = &[
    (
        "SOURCE",
        &[
            ("CALL", "Звонок"),
            ("EMAIL", "Электронная почта"),
            ("WEB", "Веб-сайт"),
            ("ADVERTISING", "Реклама"),
            ("PARTNER", "Существующий клиент"),
            ("RECOMMENDATION", "По рекомендации"),
            ("TRADE_SHOW", "Выставка"),
            ("WEBFORM", "CRM-форма"),
            ("OTHER", "Другое"),
        ],
    ),
    (
        "CONTACT_TYPE",
        &[
            ("CLIENT", "Клиенты"),
            ("SUPPLIER", "Поставщики"),
            ("PARTNER", "Партнёры"),
            ("OTHER", "Другое"),
        ],
    ),
    (
        "COMPANY_TYPE",
        &[
            ("CUSTOMER", "Клиент"),
            ("SUPPLIER", "Поставщик"),
            ("COMPETITOR", "Конкурент"),
            ("PARTNER", "Партнёр"),
            ("OTHER", "Другое"),
        ],
    ),
    (
        "EMPLOYEES",
        &[
            ("EMPLOYEES_1", "менее 50"),
            ("EMPLOYEES_2", "50-250"),
            ("EMPLOYEES_3", "250-500"),
            ("EMPLOYEES_4", "более 500"),
        ],
    ),
    (
        "INDUSTRY",
        &[
            ("IT", "Информационные технологии"),
            ("MANUFACTURING", "Производство"),
            ("CONSULTING", "Консалтинг"),
            ("FINANCE", "Финансы"),
            ("OTHER", "Другое"),
        ],
    ),
    (
        "DEAL_TYPE",
        &[
            ("SALE", "Продажа"),
            ("COMPLEX", "Комплексная продажа"),
            ("GOODS", "Продажа товара"),
            ("SERVICES", "Продажа услуги"),
            ("SERVICE", "Сервисное обслуживание"),
        ],
    ),
    ("HONORIFIC", &[("HNR_RU_1", "г-н"), ("HNR_RU_2", "г-жа")]),
    (
        "CALL_LIST",
        &[
            ("IN_WORK", "В работе"),
            ("SUCCESS", "Успешно"),
            ("WRONG_NUMBER", "Не тот номер"),
        ],
    ),
];

/// Everything that a portal has besides deal stages.
pub(super) fn all(smart_processes: &[SmartProcess], ids: &mut Ids) -> Vec<Status> {
    let mut statuses = series("STATUS", "", None, LEAD, ids);
    statuses.extend(series("QUOTE_STATUS", "", None, QUOTE, ids));
    statuses.extend(series(
        "SMART_INVOICE_STAGE_5",
        "DT31_5:",
        Some(5),
        INVOICE,
        ids,
    ));
    for process in smart_processes {
        let (kind, category) = (process.entity_type_id, process.category_id);
        let entity_id = format!("DYNAMIC_{kind}_STAGE_{category}");
        let prefix = format!("DT{kind}_{category}:");
        statuses.extend(series(&entity_id, &prefix, Some(category), SMART, ids));
    }
    for (entity_id, entries) in PLAIN {
        let drafts: Vec<_> = entries
            .iter()
            .map(|(code, name)| plain(code, name))
            .collect();
        statuses.extend(series(entity_id, "", None, &drafts, ids));
    }
    statuses
}

/// The smart process of worlds that have one.
pub(super) fn purchases() -> SmartProcess {
    SmartProcess {
        entity_type_id: 177,
        title: "Закупка".to_owned(),
        category_id: 7,
        category_name: "Общее".to_owned(),
    }
}

const fn plain<'a>(code: &'a str, name: &'a str) -> StageDraft<'a> {
    draft(code, name, "", Meaning::Process)
}
