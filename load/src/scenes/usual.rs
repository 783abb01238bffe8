//! REL-50: many people use their cabinets while portals are read, some of which are out of order.

use std::sync::Arc;

use portal_sim::{Effect, Fault};
use tokio::time::{Duration, sleep};

use crate::Options;
use crate::drive::{Task, at_rate, found};
use crate::figures::report;
use crate::http::{Asked, Wire};
use crate::town::{Session, Town};
use crate::wire::{self, NO_FILTER, RunOf};

const SCENE: &str = "usual";
/// How often all portals are asked for; what was read within half a minute is not read again.
const AGAIN: Duration = Duration::from_secs(10);
/// What people look for.
const WORDS: [&str; 6] = ["UF_CRM", "договор", "C7:WON", "источник", "окно", "дата"];
/// The files that there are of one portal.
const FILES: [&str; 4] = ["txt", "json", "csv", "xlsx"];
const TABS: [&str; 5] = [
    "funnels",
    "stages",
    "deal-fields",
    "contact-fields",
    "users",
];

/// 70 pages, 25 server functions and 5 files of each hundred.
pub async fn usual(town: &Town, options: &Options) -> usize {
    let broken = spoil(town);
    let owner = town.sessions[0].clone();
    let reading = tokio::spawn(read_all(Arc::clone(&town.wire), owner));
    let cpu = town.server.cpu();
    let make = |number| task_of(&town.sessions, number);
    let samples = at_rate(&town.wire, options.rate, options.time(), make).await;
    reading.abort();
    let failed = report(SCENE, &samples);
    town.tell_of_server(SCENE, cpu);
    for number in broken {
        town.cloud.portal(number).clear_faults();
    }
    failed
}

/// Every tenth portal is out of order, each in its way.
fn spoil(town: &Town) -> Vec<usize> {
    let effects = [
        Effect::Hang,
        Effect::Html { status: 502 },
        Effect::query_limit(),
        Effect::TruncatedJson,
        Effect::Reset,
    ];
    let count = town.cloud.portals().count();
    let broken: Vec<usize> = (1..=count).step_by(10).collect();
    for (number, effect) in broken.iter().zip(effects.iter().cycle()) {
        let portal = town.cloud.portal(*number);
        portal.set_fault(Fault::every(effect.clone()));
    }
    broken
}

async fn read_all(wire: Arc<Wire>, owner: Session) {
    loop {
        let start = owner.asks(wire::call("run/start", &(RunOf::All,)));
        let _ = wire.ask(&start).await;
        sleep(AGAIN).await;
    }
}

/// The request of that number. Sessions take turns; so do the things that are asked for.
fn task_of(sessions: &[Session], number: usize) -> Task {
    // 37 has no divisor in common with 100, and 7 none with the number of sessions that one takes.
    let session = &sessions[(number * 7) % sessions.len()];
    let (place, round) = ((number * 37) % 100, number / 100);
    let (kind, asked) = asked_of(session, place, round);
    Task {
        kind,
        asked: session.asks(asked),
        good: found,
    }
}

fn asked_of(session: &Session, place: usize, round: usize) -> (&'static str, Asked) {
    let portal = |step: usize| &session.portals[(round + step) % session.portals.len()];
    let (one, other) = (portal(place), portal(place + 1));
    let word = WORDS[(round + place) % WORDS.len()];
    match place {
        0..22 => ("dashboard", Asked::get("/dashboard")),
        22..44 => {
            let tab = TABS[(round + place) % TABS.len()];
            ("portal", Asked::get(format!("/portals/{one}?tab={tab}")))
        }
        44..48 => (
            "history",
            Asked::get(format!("/portals/{one}?view=history")),
        ),
        48..56 => {
            let query = form_urlencoded::byte_serialize(word.as_bytes());
            let query = query.collect::<String>();
            ("search", Asked::get(format!("/search?q={query}")))
        }
        56..63 => ("profile", Asked::get("/profile")),
        63..67 => {
            let target = format!("/compare?left={one}&right={other}");
            ("compare", Asked::get(target))
        }
        67..70 => ("legal", Asked::get("/legal/privacy")),
        70..82 => ("fn_find", wire::call("search", &(word, None::<String>))),
        82..87 => ("fn_cards", wire::call("fleet/cards", &())),
        87..91 => {
            let arguments = (one, NO_FILTER, None::<u8>);
            ("fn_history", wire::call("portal/history", &arguments))
        }
        91..95 => {
            let arguments = (one, None::<u8>);
            ("fn_requests", wire::call("portal/requests", &arguments))
        }
        95..99 => {
            let file = FILES[round % FILES.len()];
            let target = format!("/portals/{one}/specification.{file}");
            ("file", Asked::get(target))
        }
        _ => {
            let fields = [("format", "csv"), ("portal", one), ("portal", other)];
            ("files", wire::form("/portals/export", &fields))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn of_a_hundred_requests_70_are_for_pages_25_for_functions_and_5_for_files() {
        let portals = Arc::new(vec!["0".repeat(32), "a".repeat(32)]);
        let sessions: Vec<_> = (0..500)
            .map(|number| Session::of(&format!("c={number}"), "192.0.2.1", Arc::clone(&portals)))
            .collect();
        let tasks: Vec<_> = (0..1000).map(|number| task_of(&sessions, number)).collect();
        let count =
            |wanted: fn(&str) -> bool| tasks.iter().filter(|task| wanted(task.kind)).count();
        assert_eq!(count(|kind| kind.starts_with("fn_")), 250);
        assert_eq!(count(|kind| kind.starts_with("file")), 50);
        let headers = tasks.iter().flat_map(|task| &task.asked.headers);
        let browsers: HashSet<_> = headers.filter(|(name, _)| *name == "cookie").collect();
        assert_eq!(browsers.len(), 500, "everybody has a turn");
    }
}
