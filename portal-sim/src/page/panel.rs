//! The buttons of the panel «Симулятор»: faults of the portal, what can happen to it, and faults
//! and knobs of the OAuth server.

use super::html::escape;
use super::texts::Language;

/// A button: the JSON that it sends, and its name in Russian and English.
type Button = (&'static str, &'static str, &'static str);

/// Buttons for `/__control/faults` of the portal.
const FAULTS: &[Button] = &[
    (
        r#"{"kind":"latency","ms":3000}"#,
        "Медленно, 3 с",
        "Slow, 3 s",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"error","status":503,"error":"QUERY_LIMIT_EXCEEDED","description":"Too many requests"}}"#,
        "Лимит запросов",
        "Request limit",
    ),
    (
        r#"{"kind":"tokens_expired"}"#,
        "Токен истёк",
        "Token expired",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"error","status":403,"error":"ACCESS_DENIED","description":"REST API is available only on commercial plans"}}"#,
        "Не оплачен",
        "Not paid",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"error","status":403,"error":"INVALID_CREDENTIALS","description":"Invalid request credentials"}}"#,
        "Отказ в доступе",
        "Access refused",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"html","status":502}}"#,
        "HTML вместо ответа",
        "HTML answer",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"truncated_json"}}"#,
        "Ответ оборван",
        "Broken answer",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"reset"}}"#,
        "Разрыв связи",
        "Connection reset",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"hang"}}"#,
        "Нет ответа",
        "No answer",
    ),
    (
        r#"{"kind":"hostile_labels"}"#,
        "Опасные названия",
        "Hostile names",
    ),
    (
        r#"{"kind":"scope_without","scope":"crm"}"#,
        "Нет права crm",
        "No crm permission",
    ),
    (
        r#"{"kind":"clipboard","allowed":false}"#,
        "Без буфера обмена",
        "No clipboard",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"captcha"}}"#,
        "Капча",
        "Captcha",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"drip","ms":1000}}"#,
        "По байту в секунду",
        "A byte a second",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"headers_only"}}"#,
        "Только заголовки",
        "Headers only",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"reset_half_way"}}"#,
        "Разрыв посередине",
        "Reset half-way",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"gzip_bomb","mib":256}}"#,
        "Бомба gzip",
        "Gzip bomb",
    ),
    (
        r#"{"kind":"answer","effect":{"effect":"deep_json","depth":100000}}"#,
        "Глубокий JSON",
        "Deep JSON",
    ),
    (
        r#"{"kind":"endless_next"}"#,
        "Бесконечный список",
        "Endless list",
    ),
    (
        r#"{"kind":"lies","lie":"numbers_as_strings"}"#,
        "Числа строками",
        "Numbers as strings",
    ),
    (
        r#"{"kind":"lies","lie":"null_ids"}"#,
        "Пустые id",
        "Null ids",
    ),
    (
        r#"{"kind":"server_time","ahead":31536000}"#,
        "Часы на год вперёд",
        "Clock a year ahead",
    ),
];

/// Buttons for `/__control/do` of the portal.
const ACTIONS: &[Button] = &[
    (r#"{"do":"install","user":1}"#, "Установить", "Install"),
    (
        r#"{"do":"finish_install"}"#,
        "Закончить установку",
        "Finish installation",
    ),
    (
        r#"{"do":"uninstall","clean":false}"#,
        "Удалить приложение",
        "Remove application",
    ),
    (
        r#"{"do":"uninstall","clean":true}"#,
        "Удалить с данными",
        "Remove with data",
    ),
    (
        r#"{"do":"reinstall","user":1}"#,
        "Переустановить",
        "Install again",
    ),
    (r#"{"do":"update_app"}"#, "Новая версия", "New version"),
    (
        r#"{"do":"revoke_tokens","user":1}"#,
        "Отозвать токены администратора",
        "Revoke administrator's tokens",
    ),
    (
        r#"{"do":"subscription","active":false}"#,
        "Подписка кончилась",
        "Subscription over",
    ),
    (
        r#"{"do":"subscription","active":true}"#,
        "Подписка есть",
        "Subscription back",
    ),
    (
        r#"{"do":"restrict_to","users":[1]}"#,
        "Только администратору",
        "Administrator only",
    ),
    (
        r#"{"do":"restrict_to","users":null}"#,
        "Доступ всем",
        "Open to all",
    ),
    (r#"{"do":"delete"}"#, "Удалить портал", "Delete portal"),
    (r#"{"do":"restore"}"#, "Вернуть портал", "Bring portal back"),
    (
        r#"{"do":"rename"}"#,
        "Переименовать портал",
        "Rename portal",
    ),
    (
        r#"{"do":"give_former_name_away"}"#,
        "Отдать прежнее имя",
        "Give former name away",
    ),
    (
        r#"{"do":"overload","active":true}"#,
        "Заблокирован",
        "Blocked",
    ),
    (
        r#"{"do":"overload","active":false}"#,
        "Разблокирован",
        "Unblocked",
    ),
    (
        r#"{"do":"operating_limit","seconds":1,"cost":1}"#,
        "Мало времени методам",
        "Short run time",
    ),
    (
        r#"{"do":"operating_limit"}"#,
        "Обычное время методам",
        "Usual run time",
    ),
    (
        r#"{"do":"add_field","entity":"deal","label":"Новое поле"}"#,
        "Добавить поле сделки",
        "Add a deal field",
    ),
    (
        r#"{"do":"event_queue","hold":true}"#,
        "Задержать события",
        "Hold events",
    ),
    (
        r#"{"do":"release_events"}"#,
        "Отпустить события",
        "Release events",
    ),
    (r#"{"do":"event_queue"}"#, "События сразу", "Events at once"),
    (
        r#"{"do":"replay","delivery":1}"#,
        "Повторить первое событие",
        "Replay the first event",
    ),
    (
        r#"{"do":"forge","event":"ONAPPUNINSTALL","data":{"LANGUAGE_ID":"ru","CLEAN":1},"application_token":"00000000000000000000000000000000"}"#,
        "Поддельное удаление",
        "Forged removal",
    ),
];

/// Buttons for the OAuth server's `/__control/faults`.
const OAUTH_FAULTS: &[Button] = &[
    (
        r#"{"kind":"answer","effect":{"effect":"html","status":502}}"#,
        "Недоступен",
        "Unavailable",
    ),
    (
        r#"{"kind":"answer","method":"oauth/token","effect":{"effect":"hang"}}"#,
        "Обновление не отвечает",
        "Refresh hangs",
    ),
    (
        r#"{"kind":"after_rotation","times":1,"effect":{"effect":"reset"}}"#,
        "Разрыв после обмена",
        "Reset after rotation",
    ),
    (
        r#"{"kind":"after_rotation","times":1,"effect":{"effect":"html","status":500}}"#,
        "500 после обмена",
        "500 after rotation",
    ),
    (
        r#"{"kind":"mixed_up_pair","times":1}"#,
        "Чужие токены",
        "Another portal's tokens",
    ),
];

/// Buttons for the OAuth server's `/__control/knobs`.
const OAUTH_KNOBS: &[Button] = &[
    (
        r#"{"rotation":"strict"}"#,
        "Токен один раз",
        "One-time tokens",
    ),
    (
        r#"{"rotation":"lenient"}"#,
        "Токен до замены",
        "Lenient tokens",
    ),
];

pub(super) fn faults(language: Language) -> String {
    render("fault", language, FAULTS)
}

pub(super) fn actions(language: Language) -> String {
    render("do", language, ACTIONS)
}

pub(super) fn authority(language: Language) -> String {
    render("oauth-faults", language, OAUTH_FAULTS) + &render("oauth-knobs", language, OAUTH_KNOBS)
}

fn render(kind: &str, language: Language, buttons: &[Button]) -> String {
    let button = |(json, russian, english): &Button| {
        let name = match language {
            Language::Ru => russian,
            Language::En => english,
        };
        let json = escape(json);
        format!("<button type=\"button\" data-{kind}=\"{json}\">{name}</button>")
    };
    buttons.iter().map(button).collect()
}
