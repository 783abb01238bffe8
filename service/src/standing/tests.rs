use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

fn before(
    state: PortalState,
    reason: &'static str,
    probes: u32,
    since: Duration,
) -> Before<'static> {
    Before {
        state,
        since: NOW - since,
        reason,
        reason_since: NOW - since,
        probes,
    }
}

fn healthy() -> Before<'static> {
    before(PortalState::Ok, "", 0, Duration::days(3))
}

fn wait_of(verdict: &Verdict) -> Duration {
    verdict.next_probe.unwrap() - NOW
}

#[test]
fn an_answer_heals_whatever_was_wrong() {
    for state in PortalState::ALL {
        let verdict = judge(
            before(state, "x", 9, Duration::days(9)),
            Evidence::Answered,
            NOW,
            0.5,
        );
        assert_eq!(
            (verdict.state, verdict.probes, verdict.ended),
            (PortalState::Ok, 0, false)
        );
        assert_eq!(verdict.reason, "");
    }
}

#[test]
fn rel_05_a_healthy_portal_is_left_alone_for_months_but_not_for_the_life_of_a_token() {
    for spread in [0.0, 0.5, 1.0] {
        let wait = wait_of(&judge(healthy(), Evidence::Answered, NOW, spread));
        assert!(
            wait >= Duration::days(120) && wait <= Duration::days(150),
            "{wait}"
        );
    }
}

#[test]
fn f06_an_unpaid_portal_is_asked_after_an_hour_and_then_ever_more_seldom_up_to_a_day() {
    let mut state = healthy();
    let mut waits = Vec::new();
    for probes in 0..7 {
        state.probes = probes;
        let verdict = judge(
            state,
            Evidence::NotPaid("PAYMENT_REQUIRED".into()),
            NOW,
            0.0,
        );
        assert_eq!(verdict.state, PortalState::NeedsPayment);
        assert!(
            !verdict.ended,
            "data are never removed for a missing payment"
        );
        waits.push(wait_of(&verdict).whole_hours());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 24, 24]);
}

#[test]
fn rel_08_an_outage_of_the_authority_changes_no_state_and_is_over_soon() {
    for state in [PortalState::Ok, PortalState::NeedsPayment] {
        let known = before(state, "why", 2, Duration::days(1));
        let verdict = judge(known, Evidence::AuthorityAway, NOW, 1.0);
        assert_eq!(
            (verdict.state, verdict.reason.as_str(), verdict.probes),
            (state, "why", 2)
        );
        let wait = wait_of(&verdict);
        assert!(wait >= Duration::minutes(1) && wait <= Duration::minutes(3));
    }
}

#[test]
fn sec_19_a_lost_removal_is_believed_when_it_is_said_twice_over_an_hour() {
    let evidence = || Evidence::NotInstalled("NOT_INSTALLED".into());
    let first = judge(healthy(), evidence(), NOW, 0.0);
    assert_eq!((first.state, first.ended), (PortalState::Revoked, false));
    assert_eq!(wait_of(&first), Duration::hours(1));

    let too_early = before(
        PortalState::Revoked,
        "NOT_INSTALLED",
        1,
        Duration::minutes(59),
    );
    assert!(!judge(too_early, evidence(), NOW, 0.0).ended);
    let other_reason = before(PortalState::Revoked, "invalid_grant", 1, Duration::hours(2));
    assert!(!judge(other_reason, evidence(), NOW, 0.0).ended);
    let second = before(PortalState::Revoked, "NOT_INSTALLED", 1, Duration::hours(1));
    assert!(judge(second, evidence(), NOW, 0.0).ended);
}

#[test]
fn a_wrong_secret_of_our_own_removes_no_portal() {
    let refused = |others_accepted| Evidence::ClientRefused {
        code: "invalid_client".into(),
        others_accepted,
    };
    let second = before(PortalState::Revoked, "invalid_client", 5, Duration::days(2));
    assert!(!judge(second, refused(false), NOW, 0.0).ended);
    assert!(judge(second, refused(true), NOW, 0.0).ended);
}

#[test]
fn f02_a_deleted_portal_ends_after_six_probes_over_three_days() {
    let gone = || Evidence::Gone("PORTAL_DELETED".into());
    let known = |probes, since| before(PortalState::Unreachable, "PORTAL_DELETED", probes, since);
    assert!(!judge(known(5, Duration::hours(71)), gone(), NOW, 0.0).ended);
    assert!(!judge(known(4, Duration::hours(80)), gone(), NOW, 0.0).ended);
    assert!(judge(known(5, Duration::hours(72)), gone(), NOW, 0.0).ended);
}

#[test]
fn silence_alone_never_ends_a_portal() {
    let known = before(PortalState::Unreachable, "timeout", 500, Duration::days(90));
    let verdict = judge(known, Evidence::Silent("timeout".into()), NOW, 1.0);
    assert!(!verdict.ended);
    assert!(wait_of(&verdict) <= Duration::hours(15));
}

#[test]
fn rel_19_a_blocked_portal_is_left_in_peace_for_a_day() {
    let verdict = judge(healthy(), Evidence::Blocked, NOW, 0.0);
    assert_eq!(verdict.reason, "OVERLOAD_LIMIT");
    assert!(wait_of(&verdict) >= Duration::hours(24));
}

#[test]
fn without_tokens_nobody_is_asked() {
    let verdict = judge(
        healthy(),
        Evidence::NoTokens("invalid_grant".into()),
        NOW,
        0.0,
    );
    assert_eq!(verdict.state, PortalState::Revoked);
    assert!(wait_of(&verdict) > Duration::days(30) && !verdict.ended);
}

#[test]
fn a_portal_that_nobody_opens_for_a_month_after_its_last_token_was_left() {
    let known = |since| before(PortalState::Revoked, "invalid_grant", 1, since);
    let evidence = || Evidence::NoTokens("invalid_grant".into());
    assert!(!judge(known(Duration::days(29)), evidence(), NOW, 0.0).ended);
    assert!(judge(known(Duration::days(30)), evidence(), NOW, 0.0).ended);
}

/// A portal may have been without tokens for days before it says for the first time that the
/// application is not installed.
#[test]
fn sec_19_an_older_trouble_is_no_first_word_of_a_removal() {
    let long_revoked = Before {
        reason_since: NOW - Duration::minutes(1),
        ..before(PortalState::Revoked, "NOT_INSTALLED", 3, Duration::days(3))
    };
    let evidence = Evidence::NotInstalled("NOT_INSTALLED".into());
    assert!(!judge(long_revoked, evidence, NOW, 0.0).ended);
}
