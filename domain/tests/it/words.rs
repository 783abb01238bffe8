//! What people are told.

use crmap_domain::{EntityKind, Lang, Meaning, PortalState, Refusal, Source, Trouble, words};

use crate::sample;

/// Every type of field that Bitrix24 itself has.
pub const TYPE_CODES: [&str; 17] = [
    "string",
    "integer",
    "double",
    "boolean",
    "date",
    "datetime",
    "enumeration",
    "crm_status",
    "crm",
    "file",
    "address",
    "employee",
    "resourcebooking",
    "money",
    "url",
    "iblock_section",
    "iblock_element",
];

fn troubles() -> Vec<Trouble> {
    use Trouble::*;
    use crmap_domain::Unreachable as Silence;
    let malformed = Malformed {
        method: "crm.category.list".to_owned(),
        place: "result[3].ID".to_owned(),
    };
    let mut troubles = vec![
        WrongAddress,
        NotAPortal,
        UnknownWebhook,
        Expired,
        Revoked,
        NotPaid,
        NoRights,
        Restricted,
        MissingScope("crm".to_owned()),
        MissingScope(String::new()),
        RateLimited,
        Blocked,
        Moved,
        Gone,
        PortalFailed,
        TooLarge,
        malformed,
        NotProved,
        ProofUnavailable,
        StoreUnavailable,
        Internal,
    ];
    let silences = [
        Silence::Dns,
        Silence::Connection,
        Silence::Tls,
        Silence::Timeout,
    ];
    troubles.extend(silences.map(Unreachable));
    troubles
}

fn refusals() -> Vec<Refusal> {
    let other = |code: &str, message: &str| Refusal::Other {
        code: code.to_owned(),
        message: message.to_owned(),
    };
    vec![
        Refusal::NoRights,
        Refusal::MissingScope("user_brief".to_owned()),
        Refusal::MissingScope(String::new()),
        Refusal::PlanRequired,
        Refusal::NotSupported,
        other("", ""),
        other("ERROR_CORE", ""),
        other("", "Ошибка"),
        other("ERROR_CORE", "Ошибка"),
    ]
}

fn all(lang: Lang) -> Vec<String> {
    let advice = troubles()
        .into_iter()
        .map(|trouble| trouble.advice(lang).to_string());
    let refusals = refusals().into_iter().map(|refusal| refusal.sentence(lang));
    let states = PortalState::ALL
        .into_iter()
        .map(|state| state.advice(lang).to_string());
    advice.chain(refusals).chain(states).collect()
}

#[test]
fn sentences_are_calm_and_whole() {
    for lang in Lang::ALL {
        for sentence in all(lang) {
            assert!(
                sentence.ends_with('.') && !sentence.contains('!'),
                "{sentence}"
            );
            assert!(
                sentence.chars().next().unwrap().is_uppercase(),
                "{sentence}"
            );
            assert!(
                !sentence.contains("  ") && !sentence.contains(".."),
                "{sentence}"
            );
        }
    }
}

#[test]
fn each_trouble_says_what_happened_and_then_what_to_do() {
    for lang in Lang::ALL {
        let mut said: Vec<String> = troubles()
            .iter()
            .map(|trouble| trouble.advice(lang).what)
            .collect();
        let count = said.len();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), count);
        assert!(
            troubles()
                .iter()
                .all(|trouble| !trouble.advice(lang).cure.is_empty())
        );
    }
}

#[test]
fn each_state_of_a_portal_has_a_short_name_of_its_own() {
    for lang in Lang::ALL {
        let mut names: Vec<&str> = PortalState::ALL.map(|state| state.name(lang)).into();
        for name in &names {
            assert!(!name.is_empty() && name.chars().count() <= 20, "{name}");
            assert!(!name.ends_with('.'), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PortalState::ALL.len());
    }
    assert_eq!(PortalState::Ok.name(Lang::Ru), "Работает");
    assert_eq!(PortalState::NeedsPayment.name(Lang::En), "Payment needed");
}

#[test]
fn sec_55_what_a_portal_says_is_quoted_in_sight() {
    let scope = Trouble::MissingScope("crm\n\u{202e}".to_owned());
    assert_eq!(
        scope.advice(Lang::Ru).what,
        "Приложению или вебхуку не выдано право доступа «crm\\n\\u{202E}»."
    );
}

#[test]
fn types_are_called_in_words_and_those_of_applications_by_their_code() {
    for lang in Lang::ALL {
        for code in TYPE_CODES {
            assert_ne!(words::type_name(code, lang), code);
        }
        assert_eq!(words::type_name("rest_5_color", lang), "rest_5_color");
    }
    let mut field = sample::field(1, "UF_CRM_1", "", "crm");
    assert_eq!(words::field_type(&field, Lang::Ru), "Привязка к CRM");
    field.refers_to = vec!["CONTACT".to_owned(), "COMPANY".to_owned()];
    assert_eq!(
        words::field_type(&field, Lang::Ru),
        "Привязка к CRM: CONTACT, COMPANY"
    );
    field.type_code = "crm_status".to_owned();
    field.refers_to = vec!["INDUSTRY".to_owned()];
    assert_eq!(
        words::field_type(&field, Lang::En),
        "CRM dictionary: INDUSTRY"
    );
}

#[test]
fn values_have_words_in_both_languages() {
    assert_eq!(Meaning::Success.word(Lang::Ru), "успех");
    assert_eq!(Meaning::Apology.word(Lang::En), "failure analysis");
    assert_eq!(EntityKind::Company.plural(Lang::Ru), "Компании");
    assert_eq!(
        EntityKind::Lead.fields_title(Lang::En),
        "Custom fields of leads"
    );
    assert_eq!(Source::Webhook.word(Lang::Ru), "входящий вебхук");
}

#[test]
fn in_russian() {
    insta::assert_snapshot!(all(Lang::Ru).join("\n"), @r"
    Это не похоже на адрес портала. Скопируйте адрес целиком, вместе с https://, и повторите.
    По этому адресу отвечает не Битрикс24. Проверьте адрес. Если он верный, откройте портал в браузере: возможно, на нём идут технические работы.
    Портал не знает такого вебхука: его удалили или адрес скопирован с ошибкой. Скопируйте адрес вебхука в портале ещё раз или создайте новый вебхук.
    Сеанс работы с приложением закончился. Откройте приложение в портале заново.
    Портал больше не пускает приложение: его удалили или отозвали доступ. Установите приложение заново. Для этого нужны права администратора портала.
    Тариф или подписка портала не разрешают приложениям и вебхукам читать данные. Проверьте в портале тариф и подписку на Маркетплейс, при необходимости продлите их и повторите.
    У пользователя портала нет прав на эти данные. Попросите администратора портала открыть этому пользователю доступ к CRM.
    Администратор портала закрыл приложение для этого пользователя. Попросите администратора открыть доступ в настройках приложения.
    Приложению или вебхуку не выдано право доступа «crm». Добавьте недостающее право в настройках вебхука, а приложение обновите или установите заново.
    Приложению или вебхуку не выдано нужное право доступа. Добавьте недостающее право в настройках вебхука, а приложение обновите или установите заново.
    Портал ограничил частоту запросов. Подождите минуту и повторите.
    Битрикс24 заблокировал запросы к этому порталу из-за перегрузки. Напишите в поддержку Битрикс24: снять блокировку может только она.
    Портал переехал на другой адрес. Откройте приложение в портале по новому адресу, и CRMAP его запомнит. Адрес вебхука скопируйте в портале заново.
    Портал удалён. Проверьте адрес. Если портала действительно больше нет, отключите его от личного кабинета.
    На стороне портала произошла ошибка. Повторите через несколько минут. Если не поможет, напишите в поддержку Битрикс24.
    Ответ портала больше, чем принимает CRMAP. Напишите в поддержку CRMAP и назовите адрес портала.
    CRMAP не понял ответ портала: метод crm.category.list, место result[3].ID. Повторите. Если не поможет, пришлите этот текст в поддержку CRMAP.
    Не удалось подтвердить, что приложение открыто из этого портала. Откройте приложение из меню портала. Если не поможет, установите его заново.
    Сервер авторизации Битрикс24 не отвечает. Подождите минуту и откройте приложение заново.
    Хранилище CRMAP не отвечает. Подождите минуту и повторите.
    В CRMAP произошла ошибка. Повторите. Если не поможет, напишите в поддержку CRMAP.
    Такой адрес не найден в интернете. Проверьте, нет ли в адресе ошибки.
    Не удалось соединиться с порталом. Откройте портал в браузере. Если он работает, повторите через минуту.
    Не удалось установить защищённое соединение с порталом. Попросите администратора портала проверить сертификат сайта.
    Портал не ответил вовремя. Подождите минуту и повторите.
    У пользователя, от имени которого прочитан портал, нет прав на эти данные. Попросите администратора портала открыть доступ.
    Приложению или вебхуку не выдано право доступа «user_brief». Добавьте недостающее право в настройках вебхука, а приложение обновите или установите заново.
    Приложению или вебхуку не выдано нужное право доступа. Добавьте недостающее право в настройках вебхука, а приложение обновите или установите заново.
    Тариф портала не включает эти данные. Смените тариф, если они нужны.
    Эта версия портала не отдаёт такие данные. Обновите портал, если они нужны.
    Портал отказал и не объяснил почему. Повторите чтение позже.
    Портал ответил «ERROR_CORE». Повторите чтение позже.
    Портал ответил «Ошибка». Повторите чтение позже.
    Портал ответил «Ошибка» (ERROR_CORE). Повторите чтение позже.
    Портал отвечает. Ничего делать не нужно.
    Тариф или подписка портала не разрешают приложениям читать данные. Продлите в портале тариф и подписку на Маркетплейс: раздел «Мой тариф». CRMAP заметит оплату сам.
    У CRMAP не осталось ключа доступа, который портал принимает. Откройте CRMAP в левом меню портала, в разделе «Приложения»: ключ обновится сам.
    Администратор портала закрыл приложение для всех, кто открывал его раньше. Попросите администратора открыть доступ: «Приложения» → «Маркетплейс» → «Установленные приложения», права доступа CRMAP.
    Портал не отвечает или отвечает непонятно. Откройте портал в браузере. Если он работает, подождите: CRMAP проверяет его сам. Если нет, напишите в поддержку Битрикс24.
    Портал переехал на другой адрес, или прежний адрес теперь занят другим порталом. Откройте CRMAP в левом меню портала по новому адресу, и CRMAP его запомнит.
    Приложение удалили из портала, ключи доступа уничтожены. Если портал нужен, установите CRMAP снова («Приложения» → «Маркетплейс», поиск «CRMAP») и вставьте токен подключения в «Настройки» приложения.
    ");
}

#[test]
fn in_english() {
    insta::assert_snapshot!(all(Lang::En).join("\n"), @r"
    This does not look like a portal’s address. Copy the whole address, with https://, and try again.
    What answers at this address is not Bitrix24. Check the address. If it is right, open the portal in a browser: it may be under maintenance.
    The portal does not know this webhook: it was deleted, or its address was copied with an error. Copy the webhook’s address from the portal again, or make a new webhook.
    The application’s session has ended. Open the application in the portal again.
    The portal no longer lets the application in: it was removed, or its access was revoked. Install the application again. This takes the rights of a portal administrator.
    The portal’s plan or subscription does not let applications and webhooks read data. Check the portal’s plan and its Market subscription, renew them if necessary and try again.
    The portal’s user has no rights to this data. Ask the portal’s administrator to give this user access to CRM.
    The portal’s administrator has closed the application to this user. Ask the administrator to allow access in the application’s settings.
    The application or webhook was not given the permission “crm”. Add the missing permission in the webhook’s settings; update the application or install it again.
    The application or webhook was not given a permission it needs. Add the missing permission in the webhook’s settings; update the application or install it again.
    The portal has limited the rate of requests. Wait a minute and try again.
    Bitrix24 has blocked requests to this portal because of overload. Contact Bitrix24 support: only they can lift the block.
    The portal has moved to another address. Open the application in the portal at its new address, and CRMAP will remember it. Copy a webhook’s address from the portal again.
    The portal was deleted. Check the address. If the portal really no longer exists, unlink it from the cabinet.
    Something failed on the portal’s side. Try again in a few minutes. If it does not help, contact Bitrix24 support.
    The portal’s answer is larger than CRMAP accepts. Contact CRMAP support and give the portal’s address.
    CRMAP did not understand the portal’s answer: method crm.category.list, place result[3].ID. Try again. If it does not help, send this text to CRMAP support.
    It could not be confirmed that the application was opened from this portal. Open the application from the portal’s menu. If it does not help, install it again.
    The Bitrix24 authorization server does not answer. Wait a minute and open the application again.
    CRMAP storage does not answer. Wait a minute and try again.
    Something failed in CRMAP. Try again. If it does not help, contact CRMAP support.
    This address was not found on the internet. Check the address for a mistake.
    Could not connect to the portal. Open the portal in a browser. If it works, try again in a minute.
    Could not make a secure connection to the portal. Ask the portal’s administrator to check the site’s certificate.
    The portal did not answer in time. Wait a minute and try again.
    The user on whose behalf the portal was read has no rights to this data. Ask the portal’s administrator to allow access.
    The application or webhook was not given the permission “user_brief”. Add the missing permission in the webhook’s settings; update the application or install it again.
    The application or webhook was not given a permission it needs. Add the missing permission in the webhook’s settings; update the application or install it again.
    The portal’s plan does not include this data. Change the plan if you need it.
    This version of the portal does not give out such data. Update the portal if you need it.
    The portal refused and did not say why. Read it again later.
    The portal answered “ERROR_CORE”. Read it again later.
    The portal answered “Ошибка”. Read it again later.
    The portal answered “Ошибка” (ERROR_CORE). Read it again later.
    The portal answers. Nothing needs to be done.
    The portal’s plan or subscription does not let applications read data. Renew the portal’s plan and its Market subscription, in “My plan”. CRMAP notices the payment by itself.
    CRMAP has no access key left that the portal accepts. Open CRMAP in the portal’s left menu, under “Applications”: the key renews itself.
    The portal’s administrator has closed the application to everybody who opened it before. Ask the administrator to allow access: “Applications” → “Market” → “Installed applications”, access permissions of CRMAP.
    The portal does not answer, or its answers make no sense. Open the portal in a browser. If it works, wait: CRMAP checks it by itself. If it does not, contact Bitrix24 support.
    The portal has moved to another address, or its old address now belongs to another portal. Open CRMAP in the portal’s left menu at the new address, and CRMAP will remember it.
    The application was removed from the portal; its access keys are destroyed. If the portal is needed, install CRMAP again (“Applications” → “Market”, search for “CRMAP”) and paste the connection token into the application’s “Settings”.
    ");
}
