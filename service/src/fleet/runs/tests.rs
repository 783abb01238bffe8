use crmap_domain::MemberId;
use crmap_store::LastReading;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

fn task() -> WaitingTask {
    WaitingTask {
        run_id: "run".to_owned(),
        member_id: MemberId::parse(&"a".repeat(32)).unwrap(),
        is_stopped: false,
        link: TaskLink::Linked,
        is_installed: true,
        state: PortalState::Ok,
        reason: String::new(),
        has_snapshot: true,
        last: LastReading {
            ended_at: None,
            failure: None,
            is_under_way: false,
        },
        broken_off: None,
    }
}

fn lately(seconds: i64, failure: Option<Trouble>) -> WaitingTask {
    let last = LastReading {
        ended_at: Some(NOW - Duration::seconds(seconds)),
        failure,
        is_under_way: false,
    };
    WaitingTask { last, ..task() }
}

fn failed(trouble: Trouble) -> Option<TaskEnd> {
    Some(TaskEnd::Failed(trouble))
}

#[test]
fn a_portal_that_may_be_read_is_waited_for() {
    assert_eq!(verdict(&task(), true, NOW), None);
    for state in [
        PortalState::Restricted,
        PortalState::Unreachable,
        PortalState::Moved,
    ] {
        assert_eq!(verdict(&WaitingTask { state, ..task() }, true, NOW), None);
    }
}

#[test]
fn what_is_known_to_refuse_is_not_asked() {
    let of = |state, reason: &str| {
        let reason = reason.to_owned();
        let known = WaitingTask {
            state,
            reason,
            ..task()
        };
        verdict(&known, false, NOW)
    };
    assert_eq!(
        of(PortalState::NeedsPayment, "ACCESS_DENIED"),
        failed(Trouble::NotPaid)
    );
    assert_eq!(
        of(PortalState::Revoked, "no_token"),
        failed(Trouble::Revoked)
    );
    assert_eq!(
        of(PortalState::Unreachable, OVERLOADED),
        failed(Trouble::Blocked)
    );
    let link = TaskLink::Void;
    let void = WaitingTask { link, ..task() };
    assert_eq!(verdict(&void, false, NOW), failed(Trouble::Revoked));
    let gone = WaitingTask {
        is_installed: false,
        ..task()
    };
    assert_eq!(verdict(&gone, false, NOW), failed(Trouble::Revoked));
    let link = TaskLink::Unlinked;
    let unlinked = WaitingTask { link, ..task() };
    assert_eq!(verdict(&unlinked, false, NOW), Some(TaskEnd::Skipped));
}

#[test]
fn what_was_read_a_moment_ago_counts_for_a_new_task_alone() {
    assert_eq!(verdict(&lately(29, None), true, NOW), Some(TaskEnd::Read));
    assert_eq!(verdict(&lately(29, None), false, NOW), None);
    assert_eq!(verdict(&lately(30, None), true, NOW), None);
    let lost = WaitingTask {
        has_snapshot: false,
        ..lately(5, None)
    };
    assert_eq!(verdict(&lost, true, NOW), None, "nothing of it is left");
    let silent = Trouble::PortalFailed;
    assert_eq!(
        verdict(&lately(9, Some(silent.clone())), true, NOW),
        failed(silent.clone())
    );
    assert_eq!(verdict(&lately(10, Some(silent)), true, NOW), None);
}

#[test]
fn a_stopped_run_lets_readings_end_and_leaves_the_rest_out() {
    let mut stopped = WaitingTask {
        is_stopped: true,
        ..task()
    };
    assert_eq!(verdict(&stopped, false, NOW), Some(TaskEnd::Skipped));
    stopped.last.is_under_way = true;
    assert_eq!(verdict(&stopped, false, NOW), None);
}

#[test]
fn rel_11_a_portal_whose_readings_never_come_back_is_given_up() {
    let broken = |times| WaitingTask {
        broken_off: Some(times),
        ..task()
    };
    assert_eq!(verdict(&broken(GIVE_UP_AFTER - 1), false, NOW), None);
    assert_eq!(
        verdict(&broken(GIVE_UP_AFTER), false, NOW),
        failed(Trouble::Internal)
    );
}
