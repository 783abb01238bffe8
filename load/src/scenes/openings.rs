//! REL-51: the application is opened inside portals, over and over.

use portal_sim::{Fault, UserRole};

use crate::Options;
use crate::drive::{Task, at_rate, found};
use crate::figures::report;
use crate::town::{Town, network};
use crate::wire;

const SCENE: &str = "openings";
/// How long the authority takes for each answer.
const AUTHORITY_MS: u64 = 50;

/// Each opening comes with fresh tokens, as portals have it.
pub async fn openings(town: &Town, options: &Options) -> usize {
    town.cloud
        .set_oauth_fault(Fault::Latency { ms: AUTHORITY_MS });
    let count = town.cloud.portals().count();
    let cpu = town.server.cpu();
    let make = |number: usize| {
        let portal = town.cloud.portal(number % count + 1);
        let role = if number.is_multiple_of(5) {
            UserRole::Administrator
        } else {
            UserRole::Employee
        };
        let (query, body) = portal.opening_form(role, "ru");
        let asked = wire::opening(&query, body);
        Task {
            kind: "opening",
            asked: asked.with("x-forwarded-for", network(14, number)),
            good: found,
        }
    };
    let samples = at_rate(&town.wire, options.openings, options.time(), make).await;
    let failed = report(SCENE, &samples);
    town.tell_of_server(SCENE, cpu);
    town.cloud.clear_oauth_faults();
    failed
}
