//! Pages of the installation.

use crmap_app::document::{self, INSTALL_COMPLETE, InstallOffer};
use crmap_domain::{Lang, Trouble};
use crmap_service::{InstallStep, StepOutcome};

use crate::{assets, frame_of};

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

fn offer(lang: Lang, steps: Vec<(InstallStep, StepOutcome)>) -> InstallOffer {
    InstallOffer {
        lang,
        portal: "demo.bitrix24.ru".to_owned(),
        origin: "https://demo.bitrix24.ru".to_owned(),
        user_name: "Иван Петров".to_owned(),
        bearer: "bearer-of-the-offer".to_owned(),
        steps,
    }
}

fn offered(offer: InstallOffer) -> String {
    document::install_offer(offer, frame_of(&assets()))
}

/// Every outcome once, in the order of the steps.
fn outcomes() -> Vec<(InstallStep, StepOutcome)> {
    let outcomes = [
        StepOutcome::AlreadyThere,
        StepOutcome::Failed(Trouble::NotPaid),
        StepOutcome::Done,
        StepOutcome::NotGranted,
    ];
    InstallStep::ALL.into_iter().zip(outcomes).collect()
}

#[test]
fn the_offer_says_what_is_read_and_kept_and_how_it_goes_away() {
    let page = offered(offer(Lang::Ru, Vec::new()));
    for words in [
        "<h1 class=\"install__title\">Установка CRMAP</h1>",
        "demo.bitrix24.ru",
        "Иван Петров",
        "Воронки и их статусы",
        "CRMAP не читает никогда",
        "в зашифрованном виде",
        "без персональных данных",
        "«удалить настройки и данные приложения»",
        ">Установить</button>",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert_eq!(page.matches("<li class=\"step\">").count(), 4);
    assert!(!page.contains("role=\"alert\""));
}

#[test]
fn the_offer_posts_its_bearer_and_what_the_next_page_needs() {
    let page = offered(offer(Lang::En, Vec::new()));
    assert!(
        page.contains(&format!("action=\"{INSTALL_COMPLETE}\""))
            && page.contains("method=\"post\"")
    );
    assert!(page.contains("name=\"bearer\" value=\"bearer-of-the-offer\""));
    assert!(page.contains("name=\"lang\" value=\"en\""));
    assert!(page.contains("name=\"origin\" value=\"https://demo.bitrix24.ru\""));
    assert!(page.contains("name=\"user_name\" value=\"Иван Петров\""));
    assert_eq!(page.matches("bearer-of-the-offer").count(), 1);
    assert!(page.contains("data-busy=\"Installing…\""));
}

#[test]
fn documents_and_support_open_beside_the_portal() {
    let pages = [
        offered(offer(Lang::Ru, Vec::new())),
        document::install_only_admins(Lang::Ru, "p", "https://p", frame_of(&assets())),
        document::not_finished(Lang::Ru, "https://p", frame_of(&assets())),
    ];
    for page in pages {
        for name in ["license", "privacy", "security", "support"] {
            let link =
                format!("<a href=\"/legal/{name}?lang=ru\" target=\"_blank\" rel=\"noopener\">");
            assert!(page.contains(&link), "{link}");
        }
    }
}

#[test]
fn a_failed_try_names_each_step_with_its_state_and_cure_and_can_be_repeated() {
    let page = offered(offer(Lang::Ru, outcomes()));
    let advice = Trouble::NotPaid.advice(Lang::Ru);
    assert!(page.contains(&advice.what) && page.contains(&advice.cure));
    assert!(page.contains("role=\"alert\"") && page.contains(">Повторить</button>"));
    let states: Vec<&str> = ["step--done", "step--failed", "step--not-granted"]
        .into_iter()
        .filter(|state| page.contains(state))
        .collect();
    assert_eq!(states.len(), 3, "{states:?}");
    for (words, count) in [("Готово", 2), ("Не удалось", 1), ("Не выдано право", 1)]
    {
        let state = format!("<span class=\"step__state\">{words}</span>");
        assert_eq!(page.matches(&state).count(), count, "{words}");
    }
}

#[test]
fn the_last_page_finishes_the_installation_at_the_proved_origin() {
    let page = document::install_done(
        Lang::Ru,
        "https://demo.bitrix24.ru",
        outcomes(),
        frame_of(&assets()),
    );
    assert!(page.contains("data-finish-install=\"https://demo.bitrix24.ru\""));
    // The announcement stands around the heading, which stays one.
    assert!(page.contains(
        "<div role=\"status\"><h1 class=\"install__title\">Установка завершена. Приложение сейчас откроется</h1></div>"
    ));
    assert!(page.contains("Если приложение не открылось, обновите страницу портала"));
    assert!(page.contains("awaken();"));
    assert!(!page.contains("<form"));
}

#[test]
fn an_employee_is_told_who_can_install_and_how_to_ask() {
    for (lang, words, request) in [
        (
            Lang::Ru,
            "нет прав администратора",
            "Откройте, пожалуйста, приложение CRMAP",
        ),
        (
            Lang::En,
            "You are not an administrator",
            "Please open the application CRMAP",
        ),
    ] {
        let page = document::install_only_admins(
            lang,
            "demo.bitrix24.ru",
            "https://demo.bitrix24.ru",
            frame_of(&assets()),
        );
        assert!(page.contains(words) && page.contains(request));
        assert!(page.contains("data-portal-origin=\"https://demo.bitrix24.ru\""));
        assert!(!page.contains("<form") && !page.contains("data-finish-install"));
    }
}

#[test]
fn an_opening_before_the_end_of_the_installation_is_told_so_as_high_as_the_page_is() {
    let page = document::not_finished(Lang::Ru, "https://demo.bitrix24.ru", frame_of(&assets()));
    assert!(page.contains(">Приложение ещё не установлено до конца</h1>"));
    assert!(page.contains("data-portal-origin=\"https://demo.bitrix24.ru\""));
    assert!(page.contains("awaken();"));
    assert!(!page.contains("<form") && !page.contains("data-finish-install"));
}

/// SEC-50: what a portal calls itself or its people is text.
#[test]
fn sec_50_hostile_portals_stay_text_on_every_page_of_the_installation() {
    let hostile = || HOSTILE.to_owned();
    let mut steps = outcomes();
    steps[1].1 = StepOutcome::Failed(Trouble::MissingScope(hostile()));
    let offer = InstallOffer {
        lang: Lang::Ru,
        portal: hostile(),
        origin: hostile(),
        user_name: hostile(),
        bearer: hostile(),
        steps: steps.clone(),
    };
    let assets = assets();
    let pages = [
        document::install_offer(offer, frame_of(&assets)),
        document::install_done(Lang::En, HOSTILE, steps, frame_of(&assets)),
        document::install_only_admins(Lang::Ru, HOSTILE, HOSTILE, frame_of(&assets)),
        document::not_finished(Lang::Ru, HOSTILE, frame_of(&assets)),
    ];
    for page in pages {
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert!(!page.contains("<img") && page.contains("&lt;script"));
        assert!(!page.contains(" style=\"") && !page.contains("onclick"));
        // Inside an attribute, only the quotation mark could end it.
        assert!(!page.contains("=\"\">"), "{page}");
    }
}
