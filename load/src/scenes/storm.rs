//! REL-53: somebody tries passwords, while others use their cabinets.

use std::sync::Arc;
use std::time::Duration;

use crate::Options;
use crate::drive::{Task, at_once, at_rate, found};
use crate::figures::{Sample, figure, percentile, report};
use crate::http::{Asked, Wire};
use crate::town::{Town, network};
use crate::wire;

const SCENE: &str = "storm";
/// How many wait for an answer at any time.
const MANY: usize = 200;
/// How often the others ask for a page, a second.
const OTHERS: u32 = 50;
/// Whoever is sent away comes back no sooner.
const PAUSE: Duration = Duration::from_millis(500);

/// Wrong passwords are judged, or sent away in time; other pages are not slower for it.
pub async fn storm(town: &Town, options: &Options) -> usize {
    let cpu = town.server.cpu();
    let wire = Arc::new(Wire::to(town.wire.address()));
    let tries = at_once(&wire, MANY, options.time(), PAUSE, |number| Task {
        kind: "log_in",
        asked: try_of(number),
        good: |status| matches!(status, 403 | 503),
    });
    let pages = at_rate(&town.wire, OTHERS, options.time(), |number| {
        let session = &town.sessions[number % town.sessions.len()];
        let (kind, asked) = match number % 2 {
            0 => ("dashboard", Asked::get("/dashboard")),
            _ => ("profile", Asked::get("/profile")),
        };
        Task {
            kind,
            asked: session.asks(asked),
            good: found,
        }
    });
    let (tries, pages) = tokio::join!(tries, pages);
    let failed = report(SCENE, &pages) + tell_of(&tries, options);
    town.tell_of_server(SCENE, cpu);
    failed
}

/// A wrong password to an address of nobody's, from a network of its own.
fn try_of(number: usize) -> Asked {
    let email = format!("nobody-{number}@example.ru");
    let fields = [("email", &*email), ("password", "не тот пароль")];
    let form = wire::form("/login", &fields);
    form.with("x-forwarded-for", network(15, number))
}

fn tell_of(tries: &[Sample], options: &Options) -> usize {
    let failed = report("storm.tries", tries);
    for (name, status) in [("judged", 403), ("sent_away", 503)] {
        let these: Vec<Sample> = tries
            .iter()
            .filter(|try_| try_.status == status)
            .cloned()
            .collect();
        let rate = these.len() as f64 / options.time().as_secs_f64();
        figure(SCENE, &format!("{name}_per_second"), format!("{rate:.1}"));
        let slowest = percentile(&these, 100.0);
        figure(
            SCENE,
            &format!("{name}_slowest_ms"),
            format!("{slowest:.0}"),
        );
    }
    failed
}
