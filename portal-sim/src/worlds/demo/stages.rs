//! The six funnels of the demo company and their fifty stages.

use crate::worlds::Meaning::{Apology, Failure, Process, Success};
use crate::worlds::build::{StageDraft, draft};

/// Id, name, place and stages.
type FunnelDraft = (u32, &'static str, u32, &'static [StageDraft<'static>]);

pub(super) const FUNNELS: &[FunnelDraft] = &[
    (0, "Продажи", 100, SALES),
    (3, "Опт", 200, WHOLESALE),
    (12, "Монтаж", 300, FITTING),
    (7, "Сервис и гарантия", 400, SERVICE),
    (15, "Повторные продажи", 500, REPEAT),
    (19, "Тендеры", 600, TENDERS),
];

const SALES: &[StageDraft<'_>] = &[
    draft("NEW", "Новая заявка", "#39A8EF", Process),
    draft("PREPARATION", "Замер назначен", "#2FC6F6", Process),
    draft("PREPAYMENT_INVOICE", "Расчёт и договор", "#55D0E0", Process),
    draft("EXECUTING", "Предоплата получена", "#47E4C2", Process),
    draft("FINAL_INVOICE", "В производстве", "#FFA900", Process),
    draft("WON", "Заказ выполнен", "#7BD500", Success),
    draft("LOSE", "Отказ клиента", "#FF5752", Failure),
    draft("APOLOGY", "Разбор причины отказа", "#FF5752", Apology),
];

const WHOLESALE: &[StageDraft<'_>] = &[
    draft("NEW", "Первый контакт", "#39A8EF", Process),
    draft("UC_7KQ2RM", "Запрос прайс-листа", "#2FC6F6", Process),
    draft(
        "PREPARATION",
        "Коммерческое предложение",
        "#55D0E0",
        Process,
    ),
    draft("UC_M4T8ZA", "Образцы отправлены", "#47E4C2", Process),
    draft(
        "PREPAYMENT_INVOICE",
        "Согласование договора",
        "#FFA900",
        Process,
    ),
    draft("EXECUTING", "Отгрузка", "#FFC34D", Process),
    draft("WON", "Постоянный дилер", "#7BD500", Success),
    draft("LOSE", "Не договорились", "#FF5752", Failure),
    draft("APOLOGY", "Ушёл к конкуренту", "#FF5752", Apology),
];

const FITTING: &[StageDraft<'_>] = &[
    draft("NEW", "Заказ готов к монтажу", "#39A8EF", Process),
    draft("UC_1P9VXD", "Дата согласована", "#2FC6F6", Process),
    draft("PREPARATION", "Бригада назначена", "#55D0E0", Process),
    draft("UC_H3E6WB", "Выезд", "#47E4C2", Process),
    draft("EXECUTING", "Монтаж идёт", "#FFA900", Process),
    draft("FINAL_INVOICE", "Акт на подписи", "#FFC34D", Process),
    draft("WON", "Монтаж принят", "#7BD500", Success),
    draft("LOSE", "Монтаж отменён", "#FF5752", Failure),
    draft("APOLOGY", "Переделка: разбор", "#E4572E", Apology),
];

const SERVICE: &[StageDraft<'_>] = &[
    draft("NEW", "Обращение принято", "#39A8EF", Process),
    draft("PREPARATION", "Диагностика", "#2FC6F6", Process),
    draft("UC_Z5N0KC", "Ждём запчасть", "#9DCF00", Process),
    draft("EXECUTING", "Мастер выехал", "#47E4C2", Process),
    draft("FINAL_INVOICE", "Проверка результата", "#FFA900", Process),
    draft("WON", "Решено", "#7BD500", Success),
    draft("LOSE", "Не гарантийный случай", "#FF5752", Failure),
    draft("APOLOGY", "Жалоба на сервис", "#FF5752", Apology),
];

const REPEAT: &[StageDraft<'_>] = &[
    draft("NEW", "Пора напомнить", "#39A8EF", Process),
    draft("UC_8RJ4YT", "Созвонились", "#2FC6F6", Process),
    draft("PREPARATION", "Интерес подтверждён", "#55D0E0", Process),
    draft("EXECUTING", "Новое предложение", "#47E4C2", Process),
    draft("WON", "Купил снова", "#7BD500", Success),
    draft("LOSE", "Не сейчас", "#FF5752", Failure),
    draft("UC_0DB5GQ", "Просил не звонить", "#A8ADB4", Apology),
];

const TENDERS: &[StageDraft<'_>] = &[
    draft("NEW", "Найден тендер", "#39A8EF", Process),
    draft("UC_C2W7LP", "Изучение документации", "#2FC6F6", Process),
    draft("PREPARATION", "Подготовка заявки", "#55D0E0", Process),
    draft("UC_X6F1SN", "Заявка подана", "#47E4C2", Process),
    draft("EXECUTING", "Торги", "#FFA900", Process),
    draft("FINAL_INVOICE", "Контракт на подписи", "#FFC34D", Process),
    draft("WON", "Контракт заключён", "#7BD500", Success),
    draft("LOSE", "Проиграли", "#FF5752", Failure),
    draft("APOLOGY", "Заявка отклонена: разбор", "#FF5752", Apology),
];
