use std::collections::HashSet;

use super::*;

const SITE: &str = "https://crmap.example";

fn letters() -> Vec<Letter> {
    let address = "demo.bitrix24.ru".to_owned();
    vec![
        Letter::reset(SITE, "c0de", 30),
        Letter::already_registered(SITE),
        Letter::EmailChanged {
            to: "iv•••@example.ru".to_owned(),
        },
        Letter::PasswordChanged,
        Letter::PasswordReset,
        Letter::Linked {
            address: address.clone(),
            level: Level::ReadWrite,
            user_id: 17,
        },
        Letter::LevelChanged {
            address: address.clone(),
            level: Level::Read,
            user_id: 17,
        },
        Letter::Unlinked {
            address: address.clone(),
            user_id: Some(17),
        },
        Letter::Unlinked {
            address,
            user_id: None,
        },
    ]
}

fn mail(letter: &Letter, lang: Lang) -> Mail {
    let to = Email::parse("ivan@example.ru").unwrap();
    letter.to(to, lang, SITE)
}

#[test]
fn letters_are_plain_and_calm_in_all_languages() {
    for letter in letters() {
        let mut subjects = HashSet::new();
        for lang in Lang::ALL {
            let Mail { subject, text, .. } = mail(&letter, lang);
            for said in [&subject, &text] {
                assert!(!said.contains(['!', '<', '\r', '\0', '{', '}']), "{said}");
                assert!(!said.contains("  "), "{said}");
            }
            assert!(!subject.contains('\n'));
            let is_russian = text.contains(|letter| ('а'..='я').contains(&letter));
            assert_eq!(is_russian, lang == Lang::Ru, "{text}");
            assert!(subjects.insert(subject), "{lang:?}");
        }
    }
}

#[test]
fn sec_69_all_links_lead_to_the_configured_address() {
    for letter in letters() {
        for lang in Lang::ALL {
            let text = mail(&letter, lang).text;
            for (place, _) in text.match_indices("http") {
                assert!(text[place..].starts_with(SITE), "{text}");
            }
        }
    }
}

#[test]
fn sec_68_the_code_stands_where_no_server_is_sent_it() {
    let text = mail(&Letter::reset(SITE, "c0de", 30), Lang::Ru).text;
    assert!(text.contains("\nhttps://crmap.example/password/new#c0de\n"));
    assert!(text.contains("30 минут"));
}

#[test]
fn who_did_what_is_told() {
    let linked = mail(&letters()[5], Lang::Ru).text;
    for told in ["17", "demo.bitrix24.ru", "чтение и изменение"] {
        assert!(linked.contains(told), "{told}");
    }
}

#[test]
fn a_change_of_what_a_link_allows_is_told_as_that() {
    let letter = |level| Letter::LevelChanged {
        address: "demo.bitrix24.ru".to_owned(),
        level,
        user_id: 17,
    };
    let ru = mail(&letter(Level::ReadWrite), Lang::Ru).text;
    for told in [
        "изменил уровень доступа",
        "чтение и изменение",
        "17",
        "demo.bitrix24.ru",
    ] {
        assert!(ru.contains(told), "{told}");
    }
    let en = mail(&letter(Level::Read), Lang::En).text;
    assert!(en.contains("Access now: read.") && !en.contains("linked it"));
}
