//! What is new to a visitor of a portal, in the words of the page.

use crmap_domain::Lang;
use crmap_domain::seen::News;
use crmap_domain::words::moment;
use crmap_service::{Outcome, Services, Session, Visit};
use time::UtcOffset;

use crate::data::{Marks, Tab, TabMarks};
use crate::say;

/// What is new to the session's user in what was just read, or how to begin at the first visit; that
/// it was seen is noted.
pub async fn marks_for(services: &Services, session: &Session, outcome: &Outcome) -> Option<Marks> {
    let lang = session.lang;
    let news = match services.news_for(session, outcome).await? {
        Visit::First => return Some(welcome(lang)),
        Visit::Again(news) => news,
    };
    let offset = match outcome {
        Outcome::Read(read) => read.reading.at.offset(),
        _ => UtcOffset::UTC,
    };
    Some(marks_of(&news, offset, lang))
}

/// What somebody is told who has never been here: nothing is new where everything is.
fn welcome(lang: Lang) -> Marks {
    Marks {
        line: say!(lang, marks_welcome).to_owned(),
        ..Marks::default()
    }
}

fn marks_of(news: &News, offset: UtcOffset, lang: Lang) -> Marks {
    let tab = |tab: Tab| {
        let rows = news.rows.iter().filter(|(kind, ..)| *kind == tab.rows());
        let rows: Vec<_> = rows
            .map(|(_, row, is_new)| (u32::try_from(*row).unwrap_or(u32::MAX), *is_new))
            .collect();
        let told = if rows.is_empty() {
            String::new()
        } else {
            say!(lang, marks_rows, count = rows.len())
        };
        TabMarks { rows, told }
    };
    Marks {
        line: line(news, offset, lang),
        words: [say!(lang, marks_changed), say!(lang, marks_new)].map(str::to_owned),
        tabs: Tab::ALL.map(tab).into(),
    }
}

fn line(news: &News, offset: UtcOffset, lang: Lang) -> String {
    let counts = [
        (news.added, say!(lang, marks_added, count = news.added)),
        (
            news.changed,
            say!(lang, marks_altered, count = news.changed),
        ),
        (
            news.removed,
            say!(lang, marks_removed, count = news.removed),
        ),
    ];
    let told: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, words)| words)
        .collect();
    let what = if told.is_empty() {
        say!(lang, marks_nothing).to_owned()
    } else {
        told.join(", ")
    };
    say!(
        lang,
        marks_since,
        moment = moment(news.since.to_offset(offset), lang),
        what = what
    )
}
