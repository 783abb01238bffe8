//! What the pages say, in Russian and in English.

/// The language of the person who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Ru,
    En,
}

impl Language {
    pub(super) const ALL: [Self; 2] = [Self::Ru, Self::En];

    pub(super) fn of(code: &str) -> Self {
        if code == "en" { Self::En } else { Self::Ru }
    }

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    pub(super) const fn texts(self) -> &'static Texts {
        match self {
            Self::Ru => &RU,
            Self::En => &EN,
        }
    }
}

/// All sentences of one language.
pub(super) struct Texts {
    pub(super) find: &'static str,
    pub(super) language: &'static str,
    pub(super) looking: &'static str,
    pub(super) menu: &'static str,
    pub(super) applications: &'static str,
    pub(super) feed: &'static str,
    pub(super) tasks: &'static str,
    pub(super) calendar: &'static str,
    pub(super) drive: &'static str,
    pub(super) company: &'static str,
    pub(super) market: &'static str,
    pub(super) administrator: &'static str,
    pub(super) employee: &'static str,
    pub(super) narrow: &'static str,
    pub(super) welcome: &'static str,
    pub(super) welcome_text: &'static str,
    pub(super) open_app: &'static str,
    pub(super) not_here: &'static str,
    pub(super) funnels: &'static str,
    pub(super) sim_title: &'static str,
    pub(super) sim_hint: &'static str,
    pub(super) sim_none: &'static str,
    pub(super) sim_clear: &'static str,
    pub(super) sim_reload: &'static str,
    /// Names of the faults, in the order of the panel's buttons.
    pub(super) faults: [&'static str; 12],
}

const RU: Texts = Texts {
    find: "Искать сотрудника, документ…",
    language: "Язык",
    looking: "Кто смотрит",
    menu: "Меню портала",
    applications: "Приложения",
    feed: "Новости",
    tasks: "Задачи",
    calendar: "Календарь",
    drive: "Диск",
    company: "Сотрудники",
    market: "Маркетплейс",
    administrator: "администратор",
    employee: "сотрудник",
    narrow: "узкие права в CRM",
    welcome: "Добрый день",
    welcome_text: "Это симулятор портала: здесь CRMAP открывается так же, как в настоящем.",
    open_app: "Открыть CRMAP",
    not_here: "В симуляторе этого раздела нет.",
    funnels: "Воронки сделок",
    sim_title: "Симулятор",
    sim_hint: "Сбои этого портала. Действуют на следующие запросы приложения.",
    sim_none: "Сбоев нет",
    sim_clear: "Убрать все сбои",
    sim_reload: "Открыть заново",
    faults: [
        "Медленно, 3 с",
        "Лимит запросов",
        "Токен истёк",
        "Не оплачен",
        "Отказ в доступе",
        "HTML вместо ответа",
        "Ответ оборван",
        "Разрыв связи",
        "Нет ответа",
        "Опасные названия",
        "Нет права crm",
        "Без буфера обмена",
    ],
};

const EN: Texts = Texts {
    find: "Find a colleague, a document…",
    language: "Language",
    looking: "Who is looking",
    menu: "Portal menu",
    applications: "Applications",
    feed: "News",
    tasks: "Tasks",
    calendar: "Calendar",
    drive: "Drive",
    company: "Employees",
    market: "Marketplace",
    administrator: "administrator",
    employee: "employee",
    narrow: "narrow CRM rights",
    welcome: "Good day",
    welcome_text: "This is a simulated portal: CRMAP opens here as it does in a real one.",
    open_app: "Open CRMAP",
    not_here: "The simulator has no such section.",
    funnels: "Deal funnels",
    sim_title: "Simulator",
    sim_hint: "Faults of this portal. They act on the application's next requests.",
    sim_none: "No faults",
    sim_clear: "Clear all faults",
    sim_reload: "Open again",
    faults: [
        "Slow, 3 s",
        "Request limit",
        "Token expired",
        "Not paid",
        "Access refused",
        "HTML answer",
        "Broken answer",
        "Connection reset",
        "No answer",
        "Hostile names",
        "No crm permission",
        "No clipboard",
    ],
};
