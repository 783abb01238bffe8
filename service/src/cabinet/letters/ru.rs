//! In Russian.

use crmap_domain::cabinet::Level;

use super::{FORGOTTEN, Letter, SUPPORT, Words};

/// Subject and body.
pub(super) fn words(letter: &Letter, site: &str) -> Words {
    match letter {
        Letter::Reset { link, minutes } => (
            "Задайте новый пароль для CRMAP",
            format!(
                "Откройте ссылку и задайте новый пароль:\n{link}\n\n\
                 Ссылка сработает один раз, в течение {minutes} минут.\n\
                 Если вы не просили об этом, ничего не делайте: пароль останется прежним."
            ),
        ),
        Letter::AlreadyRegistered { log_in, reset } => (
            "Войдите в CRMAP: кабинет у вас уже есть",
            format!(
                "Войдите с этим адресом почты и своим паролем:\n{log_in}\n\n\
                 Если пароль забыт, задайте новый:\n{reset}\n\n\
                 Кто-то только что попробовал зарегистрироваться с вашим адресом. Если это \
                 были не вы, ничего не делайте: в кабинете ничего не изменилось."
            ),
        ),
        Letter::EmailChanged { to } => (
            "Проверьте: у кабинета CRMAP новый адрес почты",
            format!(
                "Проверьте, что это сделали вы: адрес почты вашего кабинета сменили на {to}.\n\n\
                 Если это были не вы, напишите в поддержку: войти в кабинет по этому адресу \
                 больше нельзя.\n{site}{SUPPORT}"
            ),
        ),
        Letter::PasswordChanged => (
            "Проверьте: пароль CRMAP изменён",
            format!(
                "Проверьте, что это сделали вы: пароль вашего кабинета изменили, на других \
                 устройствах выполнен выход.\n\n\
                 Если это были не вы, задайте новый пароль:\n{site}{FORGOTTEN}"
            ),
        ),
        Letter::PasswordReset => (
            "Проверьте: пароль CRMAP задан заново",
            format!(
                "Проверьте, что это сделали вы: пароль вашего кабинета задали заново по \
                 ссылке из письма, на всех устройствах выполнен выход, токен подключения \
                 заменён.\n\n\
                 Если это были не вы, задайте новый пароль и проверьте свою почту:\n\
                 {site}{FORGOTTEN}"
            ),
        ),
        Letter::Linked {
            address,
            level,
            user_id,
        } => linked(address, *level, *user_id, site),
        Letter::LevelChanged {
            address,
            level,
            user_id,
        } => level_changed(address, *level, *user_id, site),
        Letter::Unlinked { address, user_id } => unlinked(address, *user_id, site),
    }
}

fn linked(address: &str, level: Level, user_id: i64, site: &str) -> Words {
    (
        "Проверьте: к кабинету CRMAP подключён портал",
        format!(
            "Проверьте подключение: пользователь {user_id} портала {address} подключил \
             портал к вашему кабинету. Доступ: {}.\n\n\
             Если вы этого не ждали, отключите портал и замените токен подключения:\n{site}",
            named(level)
        ),
    )
}

/// What a link allows, in words.
const fn named(level: Level) -> &'static str {
    match level {
        Level::Read => "чтение",
        Level::ReadWrite => "чтение и изменение",
    }
}

fn level_changed(address: &str, level: Level, user_id: i64, site: &str) -> Words {
    (
        "Проверьте: изменён уровень доступа к порталу в CRMAP",
        format!(
            "Проверьте уровень доступа: пользователь {user_id} портала {address} изменил \
             уровень доступа вашего кабинета к порталу. Доступ теперь: {}.\n{site}",
            named(level)
        ),
    )
}

fn unlinked(address: &str, user_id: Option<i64>, site: &str) -> Words {
    (
        "Проверьте: портал отключён от кабинета CRMAP",
        match user_id {
            Some(user_id) => format!(
                "Проверьте список порталов: пользователь {user_id} портала {address} \
                 отключил портал от вашего кабинета.\n{site}"
            ),
            None => format!(
                "Проверьте, что это сделали вы: портал {address} отключили в вашем \
                 кабинете.\n{site}"
            ),
        },
    )
}
