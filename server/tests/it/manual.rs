//! The user manual: its pictures are there, both languages have the same chapters, and what it calls
//! buttons is called so.

use std::collections::BTreeSet;

use super::operation::{read, root};

const LANGS: [&str; 2] = ["ru", "en"];
/// A picture of a page in few colours is far smaller; another kind of picture got in.
const LARGEST: u64 = 80_000;

/// What stands between `start` and `end`, everywhere.
fn all<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(end)?.0))
        .collect()
}

fn headings(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (marks, title) = line.split_once(' ')?;
            Some((marks.len(), title))
        })
        .collect()
}

#[test]
fn every_picture_that_the_manual_shows_is_there_and_every_one_there_is_shown() {
    let folder = root().join("docs/manual/pictures");
    let there: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut shown = BTreeSet::new();
    for lang in LANGS {
        let manual = read(&format!("docs/manual/{lang}.md"));
        for name in all(&manual, "](pictures/", ")") {
            assert!(name.starts_with(&format!("{lang}-")), "{name} in {lang}.md");
            shown.insert(name.to_owned());
        }
    }
    assert_eq!(shown, there);
    for name in &there {
        let size = folder.join(name).metadata().unwrap().len();
        assert!(size <= LARGEST, "{name}: {size} bytes");
    }
}

#[test]
fn both_languages_of_the_manual_have_the_same_chapters_and_pictures() {
    let [ru, en] = LANGS.map(|lang| read(&format!("docs/manual/{lang}.md")));
    let levels = |text: &str| -> Vec<usize> {
        let found = headings(text);
        found.into_iter().map(|(level, _)| level).collect()
    };
    assert_eq!(levels(&ru), levels(&en));
    let pictures = |text: &str| -> Vec<String> {
        let found = all(text, "](pictures/", ")");
        found.iter().map(|name| name[3..].to_owned()).collect()
    };
    assert_eq!(pictures(&ru), pictures(&en));
}

#[test]
fn the_contents_of_the_manual_lead_to_its_chapters() {
    for lang in LANGS {
        let manual = read(&format!("docs/manual/{lang}.md"));
        let chapters = headings(&manual)
            .into_iter()
            .filter(|(level, _)| *level == 2);
        let places: Vec<String> = chapters
            .skip(1)
            .map(|(_, title)| title.to_lowercase().replace(' ', "-").replace('\'', ""))
            .collect();
        assert_eq!(all(&manual, "](#", ")"), places, "{lang}");
    }
}

#[test]
fn what_the_manual_calls_buttons_is_called_so() {
    for lang in LANGS {
        let manual = read(&format!("docs/manual/{lang}.md"));
        let catalogue = read(&format!("app/locales/{lang}.json"));
        let buttons = all(&manual, "- **", "**");
        assert!(buttons.len() >= 4, "{buttons:?}");
        for button in buttons {
            assert!(
                catalogue.contains(&format!(": \"{button}\"")),
                "{lang}: {button}"
            );
        }
    }
}
