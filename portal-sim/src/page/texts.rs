//! What the pages say, in Russian and in English.

/// The language of the person who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Ru,
    En,
}

impl Language {
    pub(super) const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// English for those who speak anything but Russian.
    pub(super) fn of(code: &str) -> Self {
        if code == "ru" { Self::Ru } else { Self::En }
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
    pub(super) tunnels: &'static str,
    pub(super) sim_title: &'static str,
    pub(super) sim_hint: &'static str,
    pub(super) sim_none: &'static str,
    pub(super) sim_clear: &'static str,
    pub(super) sim_reload: &'static str,
    pub(super) sim_life: &'static str,
    pub(super) sim_oauth: &'static str,
    pub(super) sim_own: &'static str,
    pub(super) sim_own_hint: &'static str,
    pub(super) sim_send: &'static str,
    pub(super) app_about: &'static str,
    pub(super) app_absent: &'static str,
    pub(super) app_unfinished: &'static str,
    pub(super) app_ready: &'static str,
    pub(super) app_not_finished: &'static str,
    pub(super) app_not_installed: &'static str,
    pub(super) app_not_for_you: &'static str,
    pub(super) version: &'static str,
    pub(super) install: &'static str,
    pub(super) remove: &'static str,
    pub(super) remove_question: &'static str,
    pub(super) remove_clean: &'static str,
    pub(super) cancel: &'static str,
    pub(super) only_administrators: &'static str,
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
    tunnels: "Воронки и туннели продаж",
    sim_title: "Симулятор",
    sim_hint: "Сбои этого портала. Действуют на следующие запросы приложения.",
    sim_none: "Сбоев нет",
    sim_clear: "Убрать все сбои",
    sim_reload: "Открыть заново",
    sim_life: "Приложение и портал",
    sim_oauth: "Сервер авторизации",
    sim_own: "Своё (JSON)",
    sim_own_hint: "Сбой с «kind» или событие с «do», как в описании симулятора",
    sim_send: "Отправить",
    app_about: "Карта воронок, стадий и полей CRM.",
    app_absent: "Не установлено",
    app_unfinished: "Установка не закончена",
    app_ready: "Установлено",
    app_not_finished: "Приложение ещё не готово к работе: администратор портала не закончил его \
                       установку. Обратитесь к администратору.",
    app_not_installed: "Приложение не установлено на этом портале.",
    app_not_for_you: "Администратор не дал вам доступа к этому приложению.",
    version: "версия",
    install: "Установить",
    remove: "Удалить",
    remove_question: "Удалить приложение CRMAP?",
    remove_clean: "удалить настройки и данные приложения",
    cancel: "Отмена",
    only_administrators: "Установить приложение может администратор портала.",
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
    tunnels: "Funnels and sales tunnels",
    sim_title: "Simulator",
    sim_hint: "Faults of this portal. They act on the application's next requests.",
    sim_none: "No faults",
    sim_clear: "Clear all faults",
    sim_reload: "Open again",
    sim_life: "Application and portal",
    sim_oauth: "Authorization server",
    sim_own: "Your own (JSON)",
    sim_own_hint: "A fault with “kind” or an event with “do”, as the README has them",
    sim_send: "Send",
    app_about: "A map of the CRM's funnels, stages and fields.",
    app_absent: "Not installed",
    app_unfinished: "Installation is not finished",
    app_ready: "Installed",
    app_not_finished: "The application is not ready yet: an administrator has to finish its \
                       installation. Please ask your administrator.",
    app_not_installed: "The application is not installed on this portal.",
    app_not_for_you: "Your administrator has not given you access to this application.",
    version: "version",
    install: "Install",
    remove: "Remove",
    remove_question: "Remove the application CRMAP?",
    remove_clean: "remove the application's settings and data",
    cancel: "Cancel",
    only_administrators: "A portal administrator can install the application.",
};
