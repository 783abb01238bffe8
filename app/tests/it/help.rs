//! The pages of help and what is explained beside pages.

use std::collections::BTreeSet;

use crmap_app::data::{Tab, Theme};
use crmap_app::document;
use crmap_app::help::{Face, Notion};
use crmap_domain::Lang;

use crate::dashboard::{self, dashboard};
use crate::{assets, at, frame_of, read, small};

fn page(face: Face, lang: Lang) -> String {
    document::help(face, lang, Theme::Auto, frame_of(&assets()))
}

/// What stands between `start` and the next quote, everywhere.
fn all<'a>(page: &'a str, start: &str) -> Vec<&'a str> {
    let parts = page.split(start).skip(1);
    parts.filter_map(|part| part.split('"').next()).collect()
}

/// The names of the elements that are opened and closed in the text of `page`, in their order.
fn outline(page: &str) -> Vec<&str> {
    let (_, text) = page.split_once("<main").expect("a text");
    text.split('<')
        .skip(1)
        .filter_map(|tag| tag.split([' ', '>']).next())
        .collect()
}

#[test]
fn all_languages_say_the_same_in_the_same_parts() {
    for face in Face::ALL {
        let ru = page(face, Lang::Ru);
        for lang in Lang::Ru.others() {
            let other = page(face, lang);
            assert_eq!(outline(&ru), outline(&other), "{face:?} {lang:?}");
            assert_eq!(
                all(&ru, "<section id=\""),
                all(&other, "<section id=\""),
                "{face:?} {lang:?}"
            );
        }
        let mut open = Vec::new();
        for name in outline(&ru) {
            match name.strip_prefix('/') {
                Some("main") => break,
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{face:?}"),
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{face:?}: {open:?}");
    }
}

#[test]
fn every_place_that_a_page_of_help_leads_to_is_there_once() {
    for face in Face::ALL {
        for lang in Lang::ALL {
            let page = page(face, lang);
            let places = all(&page, "<section id=\"");
            let distinct: BTreeSet<_> = places.iter().copied().collect();
            assert_eq!(places.len(), distinct.len(), "{places:?}");
            let ways = all(&page, "href=\"#");
            let wanted: Vec<_> = ways.into_iter().filter(|way| *way != "text").collect();
            assert_eq!(
                wanted, places,
                "{face:?} {lang:?}: the contents name every section in its order"
            );
            assert!(page.contains(&format!("<html lang=\"{}\"", lang.code())));
            for other in Lang::ALL {
                let way = format!("href=\"{}\" lang=\"{}\"", face.address(other), other.code());
                assert_eq!(
                    page.contains(&way),
                    other != lang,
                    "{face:?} {lang:?}: {way}"
                );
            }
            assert!(!page.contains("<script") && !page.contains(" style="));
        }
    }
}

#[test]
fn a_notion_is_explained_in_few_words_wherever_it_is_asked_for() {
    for lang in Lang::ALL {
        for notion in Notion::ALL {
            let (title, text) = document::explanation(Face::Cabinet, notion, lang)
                .unwrap_or_else(|| panic!("{notion:?} {lang:?}"));
            assert!(!title.is_empty() && !title.contains('<'), "{title}");
            let length = text.chars().count();
            assert!(
                (60..=400).contains(&length),
                "{notion:?} {lang:?}: {length}"
            );
        }
        let page = page(Face::Portal, lang);
        for notion in document::OF_SHEET {
            assert!(page.contains(&format!("<section id=\"{}\">", notion.section())));
        }
    }
}

#[test]
fn what_a_page_offers_to_explain_is_explained_beside_it() {
    let sheets = Tab::ALL.map(|tab| read(small(), at(tab)));
    let cabinet = dashboard::page_of(dashboard(Vec::new()));
    for page in sheets.iter().chain([&cabinet]) {
        let asked: BTreeSet<_> = all(page, " popovertarget=\"").into_iter().collect();
        assert!(!asked.is_empty());
        for notion in asked {
            let told = format!("id=\"{notion}\" popover ");
            assert_eq!(page.matches(&told).count(), 1, "{notion}");
        }
    }
}
