//! Licence, privacy, security, support.

use crmap_app::data::Theme;
use crmap_app::document::{self, Legal, Operator};
use crmap_domain::Lang;

use crate::{assets, frame_of};

fn operator() -> Operator {
    Operator {
        name: "ООО «Пример & Ко»".to_owned(),
        email: "support@example.ru".to_owned(),
        site: "https://crmap.example.ru".to_owned(),
    }
}

fn page(kind: Legal, lang: Lang) -> String {
    document::legal(kind, lang, Theme::Auto, &operator(), frame_of(&assets()))
}

fn each() -> impl Iterator<Item = (Legal, Lang)> {
    let with = |kind| Lang::ALL.map(|lang| (kind, lang));
    Legal::ALL.into_iter().flat_map(with)
}

/// What our own files brought into a page.
fn text_of(page: &str) -> &str {
    let main = page.split("<main class=\"legal__text\">").nth(1);
    let text = main.and_then(|main| main.strip_suffix("</main></div></body></html>"));
    text.expect("a text")
}

/// The names of the elements that are opened and closed in `html`, in their order.
fn outline(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter_map(|tag| tag.split([' ', '>']).next())
        .collect()
}

#[test]
fn each_text_names_its_operator_its_date_and_the_ways_to_the_other_languages() {
    for (kind, lang) in each() {
        let page = page(kind, lang);
        for words in [
            "ООО «Пример &amp; Ко»",
            "href=\"mailto:support@example.ru\"",
            "href=\"https://crmap.example.ru\"",
            "<time datetime=\"2026-11-2",
            "CRMAP&nbsp;— платформа администрирования CRM",
        ] {
            assert!(page.contains(words), "{kind:?} {lang:?}: {words}");
        }
        for other in Lang::ALL {
            let way = format!("href=\"?lang={}\"", other.code());
            assert_eq!(
                page.contains(&way),
                other != lang,
                "{kind:?} {lang:?}: {way}"
            );
        }
        assert!(page.contains(&format!("<html lang=\"{}\"", lang.code())));
        assert_eq!(page.matches("<h1>").count(), 1);
        assert_eq!(page.matches("aria-current=\"page\"").count(), 1);
        let text = text_of(&page);
        assert!(!text.contains(['{', '!']) && !text.contains("<script"));
        assert!(!page.contains(" style=") && !page.contains("<script"));
        // No line begins with a dash, and no name is torn at its hyphen.
        assert!(
            !text.contains(" — ") && !text.contains("152-ФЗ") && !text.contains("1С-Битрикс24")
        );
    }
}

/// All languages say the same in the same parts, and every element that is opened is closed.
#[test]
fn texts_are_whole_and_have_the_same_parts_in_all_languages() {
    for kind in Legal::ALL {
        let ru = page(kind, Lang::Ru);
        let outline = outline(text_of(&ru));
        for lang in Lang::Ru.others() {
            let other = page(kind, lang);
            assert_eq!(outline, self::outline(text_of(&other)), "{kind:?} {lang:?}");
        }
        let mut open = Vec::new();
        for name in outline {
            match name.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{kind:?}"),
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{kind:?}: {open:?}");
    }
}

#[test]
fn the_privacy_policy_says_what_is_kept_for_how_long_and_how_it_goes_away() {
    let page = page(Legal::Privacy, Lang::Ru);
    for words in [
        "member_id",
        "XChaCha20-Poly1305",
        "Имена, должности",
        "не меньше 3 и не больше 14 дней",
        "152‑ФЗ",
        "пока портал подключён хотя бы к одному кабинету",
        "argon2id",
        "только необходимые: сеанс, знакомый браузер, язык, тему и настройку клавиш «/» и «?».",
        "«удалить настройки и данные приложения»",
        "не продаёт данные",
        "не рассылает рекламу",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn an_operator_of_a_hostile_name_stays_text() {
    let operator = Operator {
        name: "<script>alert(1)</script>{email}".to_owned(),
        email: "\"><img src=x>".to_owned(),
        site: "{operator}".to_owned(),
    };
    for (kind, lang) in each() {
        let page = document::legal(kind, lang, Theme::Auto, &operator, frame_of(&assets()));
        assert!(!page.contains("<script") && !page.contains("<img"));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&#123;email}"));
        assert!(page.contains("href=\"&#123;operator}\""));
    }
}

#[test]
fn the_security_page_answers_what_a_security_team_asks() {
    let page = page(Legal::Security, Lang::Ru);
    for words in [
        "<code>crm</code>, <code>placement</code>, <code>user_brief</code>, <code>department</code>",
        "В CRM приложение ничего не пишет",
        "Ключ шифрования хранится отдельно от базы",
        "argon2id",
        "От 3 до 14 дней",
        "Cookie в портале не используются",
        "Чего пока нет",
        "Приложение удалено из портала",
        "без промедления",
        "их перечень он пришлёт по запросу",
        "OWASP ASVS 5.0",
        "href=\"/.well-known/security.txt\"",
    ] {
        assert!(page.contains(words), "{words}");
    }
}
