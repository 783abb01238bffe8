//! Russian.

use super::{Advice, capitalized, quoted};
use crate::{EntityKind, Meaning, PortalState, Refusal, Trouble, Unreachable, visible};

pub(super) const fn meaning(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::InProgress => "в работе",
        Meaning::Success => "успех",
        Meaning::Failure => "провал",
        Meaning::Apology => "анализ причины провала",
    }
}

pub(super) const fn entities(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Deal => "Сделки",
        EntityKind::Contact => "Контакты",
        EntityKind::Company => "Компании",
        EntityKind::Lead => "Лиды",
    }
}

pub(super) const fn fields_title(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Deal => "Пользовательские поля сделок",
        EntityKind::Contact => "Пользовательские поля контактов",
        EntityKind::Company => "Пользовательские поля компаний",
        EntityKind::Lead => "Пользовательские поля лидов",
    }
}

pub(super) const fn state(state: PortalState) -> &'static str {
    match state {
        PortalState::Ok => "Работает",
        PortalState::NeedsPayment => "Нужна оплата",
        PortalState::Revoked => "Доступ отозван",
        PortalState::Restricted => "Доступ закрыт",
        PortalState::Unreachable => "Не отвечает",
        PortalState::Moved => "Переехал",
        PortalState::Uninstalled => "Приложение удалено",
    }
}

/// How a portal stands, and what to do about it.
pub(super) const fn standing(state: PortalState) -> (&'static str, &'static str) {
    match state {
        PortalState::Ok => ("Портал отвечает.", "Ничего делать не нужно."),
        PortalState::NeedsPayment => (
            "Тариф или подписка портала не разрешают приложениям читать данные.",
            "Продлите в портале тариф и подписку на Маркетплейс: раздел «Мой тариф». CRMAP заметит \
             оплату сам.",
        ),
        PortalState::Revoked => (
            "У CRMAP не осталось ключа доступа, который портал принимает.",
            "Откройте CRMAP в левом меню портала, в разделе «Приложения»: ключ обновится сам.",
        ),
        PortalState::Restricted => (
            "Администратор портала закрыл приложение для всех, кто открывал его раньше.",
            "Попросите администратора открыть доступ: «Приложения» → «Маркетплейс» → \
             «Установленные приложения», права доступа CRMAP.",
        ),
        PortalState::Unreachable => (
            "Портал не отвечает или отвечает непонятно.",
            "Откройте портал в браузере. Если он работает, подождите: CRMAP проверяет его сам. Если \
             нет, напишите в поддержку Битрикс24.",
        ),
        PortalState::Moved => (
            "Портал переехал на другой адрес, или прежний адрес теперь занят другим порталом.",
            "Откройте CRMAP в левом меню портала по новому адресу, и CRMAP его запомнит.",
        ),
        PortalState::Uninstalled => (
            "Приложение удалили из портала, ключи доступа уничтожены.",
            "Если портал нужен, установите CRMAP снова («Приложения» → «Маркетплейс», поиск «CRMAP») и \
             вставьте токен подключения в «Настройки» приложения.",
        ),
    }
}

/// A portal that has the application again, without the link.
pub(super) const REINSTALLED: (&str, &str) = (
    "Приложение удаляли и установили заново, поэтому связь с кабинетом прекращена.",
    "Попросите администратора портала вставить токен подключения в «Настройки» приложения ещё раз.",
);

pub(super) fn reason(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoRights => "у пользователя, от имени которого прочитан портал, нет прав на эти \
             данные. Попросите администратора портала открыть доступ."
            .to_owned(),
        Refusal::MissingScope(scope) => format!("{}. {ADD_SCOPE}", missing_scope(scope)),
        Refusal::PlanRequired => "тариф портала не включает эти данные. Смените тариф, если они \
             нужны."
            .to_owned(),
        Refusal::NotSupported => "эта версия портала не отдаёт такие данные. Обновите портал, \
             если они нужны."
            .to_owned(),
        Refusal::Other { code, message } => match quoted(code, message, ["«", "»"]) {
            Some(answer) => format!("портал ответил {answer}. Повторите чтение позже."),
            None => "портал отказал и не объяснил почему. Повторите чтение позже.".to_owned(),
        },
    }
}

fn missing_scope(scope: &str) -> String {
    if scope.is_empty() {
        return "приложению или вебхуку не выдано нужное право доступа".to_owned();
    }
    format!(
        "приложению или вебхуку не выдано право доступа «{}»",
        visible(scope)
    )
}

pub(super) fn advice(trouble: &Trouble) -> Advice {
    let what = match trouble {
        Trouble::MissingScope(scope) => capitalized(&format!("{}.", missing_scope(scope))),
        Trouble::Malformed { method, place } => format!(
            "CRMAP не понял ответ портала: метод {}, место {}.",
            visible(method),
            visible(place)
        ),
        other => what(other).to_owned(),
    };
    Advice {
        what,
        cure: cure(trouble).to_owned(),
    }
}

const fn what(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::WrongAddress => "Это не похоже на адрес портала.",
        Trouble::NotAPortal => "По этому адресу отвечает не Битрикс24.",
        Trouble::UnknownWebhook => {
            "Портал не знает такого вебхука: его удалили или адрес скопирован с ошибкой."
        }
        Trouble::Expired => "Сеанс работы с приложением закончился.",
        Trouble::Revoked => "Портал больше не пускает приложение: его удалили или отозвали доступ.",
        Trouble::NotPaid => {
            "Тариф или подписка портала не разрешают приложениям и вебхукам читать данные."
        }
        Trouble::NoRights => "У пользователя портала нет прав на эти данные.",
        Trouble::Restricted => "Администратор портала закрыл приложение для этого пользователя.",
        Trouble::MissingScope(_) => "Приложению или вебхуку не выдано нужное право доступа.",
        Trouble::RateLimited => "Портал ограничил частоту запросов.",
        Trouble::Blocked => "Битрикс24 заблокировал запросы к этому порталу из-за перегрузки.",
        Trouble::Moved => "Портал переехал на другой адрес.",
        Trouble::Gone => "Портал удалён.",
        Trouble::Unreachable(Unreachable::Dns) => "Такой адрес не найден в интернете.",
        Trouble::Unreachable(Unreachable::Connection) => "Не удалось соединиться с порталом.",
        Trouble::Unreachable(Unreachable::Tls) => {
            "Не удалось установить защищённое соединение с порталом."
        }
        Trouble::Unreachable(Unreachable::Timeout) => "Портал не ответил вовремя.",
        Trouble::PortalFailed => "На стороне портала произошла ошибка.",
        Trouble::TooLarge => "Ответ портала больше, чем принимает CRMAP.",
        Trouble::Malformed { .. } => "CRMAP не понял ответ портала.",
        Trouble::NotProved => "Не удалось подтвердить, что приложение открыто из этого портала.",
        Trouble::ProofUnavailable => "Сервер авторизации Битрикс24 не отвечает.",
        Trouble::StoreUnavailable => "Хранилище CRMAP не отвечает.",
        Trouble::Internal => "В CRMAP произошла ошибка.",
    }
}

const fn cure(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::WrongAddress => "Скопируйте адрес целиком, вместе с https://, и повторите.",
        Trouble::NotAPortal => {
            "Проверьте адрес. Если он верный, откройте портал в браузере: возможно, на нём идут \
             технические работы."
        }
        Trouble::UnknownWebhook => {
            "Скопируйте адрес вебхука в портале ещё раз или создайте новый вебхук."
        }
        Trouble::Expired => "Откройте приложение в портале заново.",
        Trouble::Revoked => {
            "Установите приложение заново. Для этого нужны права администратора портала."
        }
        Trouble::NotPaid => {
            "Проверьте в портале тариф и подписку на Маркетплейс, при необходимости продлите их и \
             повторите."
        }
        Trouble::NoRights => {
            "Попросите администратора портала открыть этому пользователю доступ к CRM."
        }
        Trouble::Restricted => "Попросите администратора открыть доступ в настройках приложения.",
        Trouble::MissingScope(_) => ADD_SCOPE,
        Trouble::RateLimited
        | Trouble::Unreachable(Unreachable::Timeout)
        | Trouble::StoreUnavailable => "Подождите минуту и повторите.",
        Trouble::Blocked => "Напишите в поддержку Битрикс24: снять блокировку может только она.",
        Trouble::Moved => {
            "Откройте приложение в портале по новому адресу, и CRMAP его запомнит. Адрес вебхука \
             скопируйте в портале заново."
        }
        Trouble::Gone => {
            "Проверьте адрес. Если портала действительно больше нет, отключите его от личного \
             кабинета."
        }
        Trouble::Unreachable(Unreachable::Dns) => "Проверьте, нет ли в адресе ошибки.",
        Trouble::Unreachable(Unreachable::Connection) => {
            "Откройте портал в браузере. Если он работает, повторите через минуту."
        }
        Trouble::Unreachable(Unreachable::Tls) => {
            "Попросите администратора портала проверить сертификат сайта."
        }
        Trouble::PortalFailed => {
            "Повторите через несколько минут. Если не поможет, напишите в поддержку Битрикс24."
        }
        Trouble::TooLarge => "Напишите в поддержку CRMAP и назовите адрес портала.",
        Trouble::Malformed { .. } => {
            "Повторите. Если не поможет, пришлите этот текст в поддержку CRMAP."
        }
        Trouble::NotProved => {
            "Откройте приложение из меню портала. Если не поможет, установите его заново."
        }
        Trouble::ProofUnavailable => "Подождите минуту и откройте приложение заново.",
        Trouble::Internal => "Повторите. Если не поможет, напишите в поддержку CRMAP.",
    }
}

/// What to do about a missing scope.
const ADD_SCOPE: &str =
    "Добавьте недостающее право в настройках вебхука, а приложение обновите или установите заново.";
