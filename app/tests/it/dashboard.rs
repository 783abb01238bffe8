//! The dashboard as the server writes it: what needs attention, a reading under way, five hundred
//! portals.

use std::time::{Duration, Instant};

use crmap_app::cabinet::data::{CabinetData, Dashboard, Inside, Page, Room};
use crmap_app::cabinet::filter::Filter;
use crmap_app::data::{SingleKeys, Theme};
use crmap_app::document;
use crmap_domain::cabinet::{
    Description, Level, PortalCard, ReadFailure, RunFailure, RunProgress, SavedFilter,
};
use crmap_domain::{Lang, MemberId, PortalState, Standing, Trouble};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::{assets, frame_of};

const NOW: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);

fn member(number: u32) -> MemberId {
    MemberId::parse(&format!("{number:032x}")).expect("a number of a portal")
}

/// A portal that is fine.
fn card(number: u32) -> PortalCard {
    PortalCard {
        member_id: member(number),
        address: format!("portal-{number:03}.bitrix24.ru"),
        description: Description {
            label: format!("ООО «Клиент {number:03}»"),
            note: String::new(),
            mark: None,
            tags: vec!["VIP".to_owned(), "Сибирь".to_owned()],
        },
        level: Level::Read,
        linked_at: NOW - time::Duration::days(40),
        standing: Standing {
            state: PortalState::Ok,
            since: NOW - time::Duration::days(40),
            reason: String::new(),
        },
        read_at: Some(NOW - time::Duration::hours(2)),
        totals: None,
        favourite: false,
        opened_at: Some(NOW - time::Duration::hours(3)),
        changes: 0,
        failure: None,
    }
}

pub fn dashboard(portals: Vec<PortalCard>) -> Dashboard {
    Dashboard {
        portals,
        filter: Filter::default(),
        whole: false,
        news: Vec::new(),
        filters: Vec::new(),
        run: None,
        stale_after: 3 * 24 * 60 * 60,
    }
}

pub fn page_of(dashboard: Dashboard) -> String {
    let inside = Inside {
        token: String::new(),
        room: Room::Dashboard(dashboard),
    };
    let data = CabinetData {
        lang: Lang::Ru,
        theme: Theme::Auto,
        address: "/dashboard".to_owned(),
        now: NOW.into(),
        page: Page::Inside(Box::new(inside)),
    };
    document::cabinet(data, SingleKeys::On, frame_of(&assets())).expect("a page")
}

/// The part of a page from one text to another.
fn part<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).expect("its end").0
}

/// One portal for each reason, the least pressing first.
fn needing() -> Vec<PortalCard> {
    let mut portals: Vec<_> = (1..=6).map(card).collect();
    portals[0].changes = 4;
    portals[1].read_at = Some(NOW - time::Duration::days(5));
    portals[2].failure = Some(ReadFailure {
        at: NOW,
        trouble: Trouble::PortalFailed,
    });
    portals[3].standing.state = PortalState::Unreachable;
    portals[4].standing.state = PortalState::NeedsPayment;
    portals[5].standing.state = PortalState::Revoked;
    portals
}

#[test]
fn what_needs_attention_is_told_with_the_way_to_mend_it() {
    let mut portals = needing();
    portals.push(card(7));
    let page = page_of(dashboard(portals));
    assert!(page.contains("Требуют внимания: 6"));
    let list = part(&page, "class=\"attention__list\"", "</ul>");
    let places: Vec<_> = (1..=7)
        .rev()
        .filter_map(|number| list.find(&format!("ООО «Клиент {number:03}»")))
        .collect();
    assert_eq!(places.len(), 5, "the sixth is shown on demand");
    assert!(places.is_sorted(), "the most pressing stands at the top");
    let to = |number: u32, view: &str| format!("href=\"/portals/{}{view}\"", member(number));
    assert!(list.contains(&to(6, "?view=connection")));
    assert!(list.contains("aria-label=\"Открыть: ООО «Клиент 005»\""));
    for number in [4, 3, 2] {
        assert!(list.contains(&format!(
            "aria-label=\"Обновить: ООО «Клиент {number:03}»\""
        )));
    }
    for advice in [
        PortalState::Unreachable.advice(Lang::Ru),
        Trouble::PortalFailed.advice(Lang::Ru),
    ] {
        assert!(list.contains(&advice.what) && list.contains(&advice.cure));
    }
    assert!(
        page.contains("Показать все 6")
            && page.contains("href=\"/dashboard?attention=1&amp;sort=state\"")
    );
    // The row itself says what its badge of a healthy portal does not.
    let row = part(&page, &format!("<tr data-id=\"{}\"", member(3)), "</tr>");
    assert!(row.contains("Работает") && row.contains("Не прочитан"));
    let row = part(&page, &format!("<tr data-id=\"{}\"", member(1)), "</tr>");
    assert!(row.contains("Изменения: 4") && row.contains("?view=history\""));
}

/// Five hundred portals whose owner did not pay are one thing to do.
#[test]
fn what_many_portals_need_is_told_once() {
    let mut portals: Vec<_> = (1..=12).map(card).collect();
    for card in &mut portals[..8] {
        card.standing.state = PortalState::NeedsPayment;
    }
    portals[8].standing.state = PortalState::Unreachable;
    portals[9].standing.state = PortalState::Unreachable;
    let page = page_of(dashboard(portals));
    let list = part(&page, "class=\"attention__list\"", "</ul>");
    let advice = PortalState::NeedsPayment.advice(Lang::Ru);
    assert_eq!(list.matches("attention__line").count(), 2);
    assert_eq!(list.matches(&advice.cure).count(), 1);
    for words in ["Порталов: 8", "и ещё 4", "Порталов: 2"] {
        assert!(list.contains(words), "{words}");
    }
    assert!(list.contains("href=\"/dashboard?state=needs_payment\""));
    assert!(list.contains("aria-label=\"Обновить: Не отвечает\""));
    // In a row it is there for whoever asks.
    let row = part(&page, &format!("<tr data-id=\"{}\"", member(1)), "</tr>");
    assert!(row.contains("<details class=\"why\">") && row.contains(&advice.cure));
}

#[test]
fn nothing_is_told_where_all_is_well() {
    let page = page_of(dashboard(vec![card(1), card(2)]));
    for absent in [
        "attention__list",
        "run__head",
        "Показать все",
        "Показать ещё",
    ] {
        assert!(!page.contains(absent), "{absent}");
    }
    assert!(page.contains("все работают"));
}

fn run() -> RunProgress {
    RunProgress {
        id: "run".to_owned(),
        made_at: NOW,
        total: 500,
        read: 37,
        failed: (1..=7)
            .map(|number| RunFailure {
                member_id: member(number),
                trouble: Trouble::NotPaid,
            })
            .collect(),
        reading: (8..=12).map(member).collect(),
        skipped: 0,
        finished_at: None,
    }
}

#[test]
fn a_reading_under_way_comes_with_the_page() {
    let with = |run: RunProgress| {
        let portals = (1..=20).map(card).collect();
        page_of(Dashboard {
            run: Some(run),
            ..dashboard(portals)
        })
    };
    let page = with(run());
    let panel = part(&page, "id=\"run\"", "</section>");
    for words in [
        "<details class=\"run__more\"><summary>Не прочитаны: 7</summary>",
        "Прочитано 37 из 500",
        "не удалось: 7",
        "max=\"500\"",
        "value=\"44\"",
        "ООО «Клиент 008», ООО «Клиент 009», ООО «Клиент 010» и ещё 2",
        "Остановить",
    ] {
        assert!(panel.contains(words), "{words}");
    }
    let advice = Trouble::NotPaid.advice(Lang::Ru);
    assert_eq!(panel.matches(&advice.what).count(), 7);
    assert!(panel.contains(&advice.cure) && !panel.contains("Повторить неудачные"));

    let stopped = with(RunProgress {
        reading: Vec::new(),
        skipped: 456,
        finished_at: Some(NOW),
        ..run()
    });
    let panel = part(&stopped, "id=\"run\"", "</section>");
    for words in [
        "остановлено до чтения: 456",
        "Повторить неудачные",
        "Понятно",
    ] {
        assert!(panel.contains(words), "{words}");
    }
    assert!(!panel.contains(">Остановить<"));
}

#[test]
fn kept_filters_are_links_and_the_present_one_says_so() {
    let portals = vec![card(1), card(2)];
    let filters = ["tag=VIP", "state=revoked&sort=age"].map(|query| SavedFilter {
        id: query.to_owned(),
        name: format!("Мой {query}"),
        query: query.to_owned(),
    });
    let page = page_of(Dashboard {
        filter: Filter::from_parameters([("tag", "VIP")].into_iter()),
        filters: filters.to_vec(),
        ..dashboard(portals)
    });
    let chips = part(&page, "class=\"saved__chips\"", "</nav>");
    assert!(chips.contains("href=\"/dashboard?state=revoked&amp;sort=age\""));
    let present = part(chips, "href=\"/dashboard?tag=VIP\"", ">");
    assert!(present.contains("aria-current=\"true\""));
    assert_eq!(chips.matches("aria-current").count(), 1);
}

/// Rows of whom nobody sees yet cost nothing; whoever has no script asks for them all.
#[test]
fn five_hundred_portals_stay_light() {
    let portals: Vec<_> = (1..=500).map(card).collect();
    let began = Instant::now();
    let page = page_of(dashboard(portals.clone()));
    let took = began.elapsed();
    assert_eq!(page.matches("<tr data-id").count(), 100);
    assert!(page.contains("href=\"/dashboard?whole=1\"") && page.contains("Показать ещё 100"));
    assert!(page.len() < 400_000, "{}", page.len());
    assert!(took < Duration::from_secs(2), "{took:?}");
    let whole = page_of(Dashboard {
        whole: true,
        ..dashboard(portals)
    });
    assert_eq!(whole.matches("<tr data-id").count(), 500);
    assert!(!whole.contains("Показать ещё"));
    println!(
        "{} bytes in {took:?}; all rows: {} bytes",
        page.len(),
        whole.len()
    );
}
