//! Hostile input for what people paste and addresses name (SEC-20, SEC-50, SEC-70, REL-33).

use crmap_domain::cabinet::{Email, PersonName};
use crmap_domain::compare::Side;
use crmap_domain::search::fleet::Wanted;
use crmap_domain::search::{Query, SearchKey, key};
use crmap_domain::{Color, ConnectionToken, Meaning, MemberId, visible};
use crmap_fuzz::Target;

use crate::sample;

fn target(name: &'static str) -> Target {
    Target::new(env!("CARGO_MANIFEST_DIR"), name)
}

#[test]
fn sec_20_tokens_of_any_kind_are_well_formed_or_named_by_their_flaw() {
    target("token")
        .knowing(&["crmap_", "_"])
        .up_to(200)
        .run(|input| {
            let text = String::from_utf8_lossy(input);
            ConnectionToken::parse(&text)
                .map(|token| {
                    assert_eq!(token.expose(), text.trim());
                    assert!(token.expose().is_ascii() && token.expose().len() == 43);
                    assert!(ConnectionToken::parse(token.expose()).is_ok());
                    let (rest, last) = token.expose().split_at(42);
                    let mistyped = format!("{rest}{}", if last == "0" { "1" } else { "0" });
                    assert!(ConnectionToken::parse(&mistyped).is_err(), "{mistyped}");
                    assert!(!format!("{token:?}").contains(&token.expose()[6..36]));
                })
                .map_err(|flaw| flaw.to_string())
        });
}

#[test]
fn sec_70_no_address_and_no_name_can_forge_a_line_of_a_mail() {
    target("email")
        .knowing(&["@", ".", "\r\nBcc: a@b.ru", "example.ru"])
        .up_to(600)
        .run(|input| {
            let text = String::from_utf8_lossy(input);
            let forges = |text: &str| {
                text.contains(|c: char| c.is_control() || "\u{2028}\u{2029}\u{202e}".contains(c))
            };
            let email = Email::parse(&text);
            if let Ok(email) = &email {
                assert!(
                    !forges(email.as_str())
                        && !email.as_str().contains([' ', '<', '>', '"', ',', ';', ':'])
                );
                assert!(email.as_str().len() <= 254);
                assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(email));
                assert!(email.masked().contains('@') && !forges(&email.masked()));
            }
            let name = PersonName::parse(&text);
            assert!(name.as_ref().is_ok_and(|name| !forges(name.as_str())) || name.is_err());
            (
                email.is_ok(),
                name.is_ok(),
                text.matches('.').count().min(9),
            )
        });
}

#[test]
fn rel_33_sides_ids_and_colours_are_what_they_write() {
    target("side")
        .knowing(&["@", "#", "0123456789abcdef0123456789abcdef"])
        .up_to(100)
        .run(|input| {
            let text = String::from_utf8_lossy(input);
            let side = Side::parse(&text);
            if let Some(side) = &side {
                assert_eq!(Side::parse(&side.to_string()).as_ref(), Some(side));
                assert_eq!(side.member_id.as_str().len(), 32);
            }
            let color = Color::parse(&text);
            if let Some(color) = &color {
                assert!(
                    color.as_str().len() == 7
                        && color.as_str()[1..]
                            .bytes()
                            .all(|sign| sign.is_ascii_hexdigit())
                );
            }
            (
                side.map(|side| side.version.is_some()),
                color.is_some(),
                MemberId::parse(&text).is_ok(),
            )
        });
}

/// Marks are ranges of the text itself: a page cuts it there.
#[test]
fn sec_50_searches_of_any_kind_mark_whole_signs() {
    target("search")
        .knowing(&["WON", "ё", "İ", "ß", "ǅ"])
        .up_to(500)
        .run(|input| {
            let text = String::from_utf8_lossy(input);
            let (words, shown) = text.split_at(
                text.char_indices()
                    .nth(text.chars().count() / 2)
                    .map_or(0, |(at, _)| at),
            );
            let query = Query::parse(words);
            let stage = sample::stage(109, 7, shown, &text, Meaning::Success);
            let row = SearchKey::stage(&stage, words);
            for place in query.items_hit(&row) {
                assert!(place < 1, "a stage has no items");
            }
            let marks = query.highlight(shown);
            let mut end = 0;
            for range in &marks {
                assert!(range.start >= end && range.end > range.start, "{marks:?}");
                assert!(shown.get(range.clone()).is_some(), "{marks:?} of {shown:?}");
                end = range.end;
            }
            assert!(
                query.matches(&SearchKey::stage(&stage, &text))
                    || query.is_empty()
                    || !text.contains(words)
            );
            let _ = (
                key(&text),
                Wanted::parse(&text).map(|wanted| wanted.may_have_typo()),
            );
            let seen = visible(&text);
            assert!(!seen.contains(|sign: char| sign.is_control()), "{seen:?}");
            (
                marks.len().min(9),
                query.matches(&row),
                seen.len() == text.len(),
            )
        });
}
