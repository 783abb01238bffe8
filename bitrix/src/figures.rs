//! What operators watch of requests to portals and authorities. No word of theirs becomes a label.

use std::time::Duration;

use crmap_crm::Figure;
use metrics::{counter, histogram};

use crate::classify::{Failure, Kind};
use crate::record;

/// Requests to portals.
const REQUESTS: Figure = Figure::counter(
    "crmap_portal_requests_total",
    "Requests to portals, by class of methods and by what came of them.",
);
/// How long they took.
const SECONDS: Figure = Figure::histogram(
    "crmap_portal_request_seconds",
    "Seconds from a request to a portal to the end of its answer, by class of methods.",
);
/// Questions to the authorization servers.
const PROOFS: Figure = Figure::counter(
    "crmap_authority_proofs_total",
    "Questions to the authorization servers whose a token is, by what came of them.",
);

/// The figures of the connector.
pub const FIGURES: &[Figure] = &[REQUESTS, SECONDS, PROOFS];

/// A portal was asked.
pub(crate) fn asked(method: &str, failure: Option<&Failure>, took: Duration) {
    let class = class_of(method);
    let outcome = failure.map_or("ok", outcome_of);
    counter!(REQUESTS.name, "class" => class, "outcome" => outcome).increment(1);
    histogram!(SECONDS.name, "class" => class).record(took);
}

/// An authorization server was asked whose a token is.
pub(crate) fn proof(outcome: &'static str) {
    counter!(PROOFS.name, "outcome" => outcome).increment(1);
}

/// Methods are ours, but there are many.
fn class_of(method: &str) -> &'static str {
    match method.split('.').next().unwrap_or_default() {
        "batch" => "batch",
        "crm" => "crm",
        "user" | "profile" | "department" => "people",
        "event" | "events" | "placement" => "bindings",
        "app" | "scope" | "feature" | "server" | "method" => "account",
        _ => "other",
    }
}

const fn kind_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Throttled => "throttled",
        Kind::OperatingLimit => "operating_limit",
        Kind::Overloaded => "overloaded",
        Kind::Broken => "failed",
        Kind::Expired => "expired",
        Kind::Unknown | Kind::Credentials | Kind::Revoked | Kind::NotInstalled => "unauthorized",
        Kind::NotPaid => "not_paid",
        Kind::NoRights | Kind::Restricted | Kind::Scope(_) => "no_rights",
        Kind::Deleted => "gone",
        Kind::NoMethod | Kind::NotInBatch | Kind::HttpsRequired | Kind::Other => "refused",
    }
}

fn outcome_of(failure: &Failure) -> &'static str {
    match failure {
        Failure::Said(said) => kind_of(&said.kind),
        Failure::Fault(error) => record::word(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Said;

    #[test]
    fn sec_37_no_word_of_a_portal_becomes_a_label() {
        for (status, code) in [
            (400, "CANARY"),
            (200, "canary\"}"),
            (503, "QUERY_LIMIT_EXCEEDED"),
        ] {
            let said = Said::new(status, code, "canary {x=\"y\"}");
            let outcome = outcome_of(&Failure::Said(said));
            assert!(
                !outcome.to_ascii_lowercase().contains("canary"),
                "{outcome}"
            );
        }
        assert_eq!(class_of("canary.method"), "other");
        assert_eq!(class_of("crm.deal.userfield.list"), "crm");
    }
}
