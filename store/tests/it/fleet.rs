//! Leases of readings, which portals are read next, and the settlement of runs (REL-11, 13).

use std::collections::BTreeMap;
use std::time::Duration;

use crmap_domain::cabinet::{Level, RunFailure, RunProgress};
use crmap_domain::{PortalState, Trouble};
use crmap_store::{
    Grant, Linking, ReadingAsked, ReadingEnd, ReadingLease, ReadingTurn, StandingChange, Store,
    TaskEnd, TaskLink, WaitingTask,
};

use crate::support::*;

const SHORT: Duration = Duration::from_millis(60);

/// A turn of a process at a moment.
fn turn(process: &str, seconds: i64) -> ReadingTurn<'_> {
    ReadingTurn {
        process,
        lease: LEASE,
        now: at(seconds),
        give_up_after: 3,
        next_if_broken: at(seconds + 86_400),
        due_weight: 4,
    }
}

/// The end of a reading that began at a moment and took a second.
fn end(seconds: i64, failure: Option<&Trouble>) -> ReadingEnd<'_> {
    ReadingEnd {
        began_at: at(seconds),
        took: Duration::from_secs(1),
        is_slow: false,
        failure,
        next_at: at(seconds + if failure.is_some() { 600 } else { 86_400 }),
        debounce: Duration::from_secs(60),
    }
}

async fn due(store: &Store, seconds: i64) -> Vec<ReadingLease> {
    let turn = turn("one", seconds);
    store.lease_due_readings(&turn, false, 100).await.unwrap()
}

/// The numbers of the portals, in the order of their numbers.
fn numbers(leases: &[ReadingLease]) -> Vec<u32> {
    let mut numbers: Vec<u32> = leases
        .iter()
        .map(|lease| u32::from_str_radix(lease.portal.member_id.as_str(), 16).unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

async fn one(store: &Store, number: u32, seconds: i64) -> ReadingLease {
    let (turn, member) = (turn("one", seconds), member(number));
    match store.lease_reading(&turn, &member).await.unwrap() {
        ReadingAsked::Granted(lease) => *lease,
        other => panic!("not granted: {other:?}"),
    }
}

/// A linked portal.
async fn linked(store: &Store, cabinet: &Cabinet, number: u32) {
    installed(store, number).await;
    link(store, cabinet, number, 1).await;
}

async fn run(store: &Store, cabinet: &Cabinet, seconds: i64) -> String {
    run_of(store, cabinet, None, seconds).await
}

async fn run_of(store: &Store, cabinet: &Cabinet, which: Option<&[u32]>, seconds: i64) -> String {
    let which: Option<Vec<_>> = which.map(|which| which.iter().copied().map(member).collect());
    let (read, failed) = (at(seconds - 30), at(seconds - 10));
    let (which, now) = (which.as_deref(), at(seconds));
    let begun = store.begin_run(&cabinet.tenant, which, read, failed, now, |_| None);
    begun.await.unwrap().0
}

async fn progress(store: &Store, cabinet: &Cabinet) -> RunProgress {
    let progress = store.run_progress(&cabinet.tenant, None).await;
    progress.unwrap().unwrap()
}

/// Read, failed, skipped, under way, of how many.
fn counts(progress: &RunProgress) -> (u32, usize, u32, usize, u32) {
    (
        progress.read,
        progress.failed.len(),
        progress.skipped,
        progress.reading.len(),
        progress.total,
    )
}

on_both! {
    async fn rel_11_a_portal_is_read_by_one_at_a_time_and_taken_over_when_its_lease_runs_out(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        linked(&store, &cabinet, 1).await;
        let mut dies = store.lease_due_readings(&turn("dies", 10), false, 5).await.unwrap();
        let dies = dies.remove(0);
        assert_eq!(dies.attempts, 1);
        assert!(due(&store, 10).await.is_empty());
        let asked = store.lease_reading(&turn("two", 10), &member(1)).await.unwrap();
        assert!(matches!(asked, ReadingAsked::Held), "{asked:?}");
        // It ends as it was last prolonged, not as it was taken: however slow the machine is.
        assert!(store.prolong_reading(&dies, SHORT).await.unwrap());
        tokio::time::sleep(2 * SHORT).await;
        assert!(!store.prolong_reading(&dies, SHORT).await.unwrap(), "it has run out");
        let taken = due(&store, 10).await.remove(0);
        assert_eq!(taken.attempts, 2, "it was broken off once");
        // Whoever was overtaken changes nothing.
        assert!(!store.prolong_reading(&dies, LEASE).await.unwrap());
        assert_eq!(store.end_reading(&dies, &end(10, None)).await.unwrap(), None);
        assert!(!store.release_reading(&dies, false).await.unwrap());
        assert!(store.last_reading(&member(1)).await.unwrap().unwrap().is_under_way);
        assert_eq!(store.end_reading(&taken, &end(10, None)).await.unwrap(), Some(vec![]));
        let last = store.last_reading(&member(1)).await.unwrap().unwrap();
        assert_eq!((last.ended_at, last.failure, last.is_under_way), (Some(at(11)), None, false));
        assert!(due(&store, 11).await.is_empty(), "it waits for its time");
        assert_eq!(one(&store, 1, 12).await.attempts, 1, "and counts anew");
    }

    async fn rel_11_a_portal_whose_readings_never_come_back_waits_for_its_time(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        linked(&store, &cabinet, 1).await;
        for attempts in 1..=3 {
            let short = ReadingTurn { lease: Duration::ZERO, ..turn("dies", 10) };
            let leases = store.lease_due_readings(&short, false, 5).await.unwrap();
            assert_eq!(leases[0].attempts, attempts);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(due(&store, 86_409).await.is_empty());
        run(&store, &cabinet, 20).await;
        let waiting = store.waiting_tasks(None).await.unwrap();
        assert_eq!(waiting[0].broken_off, Some(3));
        assert_eq!(numbers(&due(&store, 86_410).await), [1]);
    }

    async fn a_portal_is_due_when_it_is_linked_well_and_its_time_has_come(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        installed(&store, 1).await;
        assert!(due(&store, 10).await.is_empty(), "nobody is linked");
        let asked = store.lease_reading(&turn("one", 10), &member(1)).await.unwrap();
        assert!(matches!(asked, ReadingAsked::Gone), "{asked:?}");
        let granted = Grant { first_reading_at: at(40), ..grant(1, Level::Read, 10) };
        assert_eq!(store.link(&cabinet.id, &granted, None).await.unwrap(), Linking::Made);
        assert!(due(&store, 39).await.is_empty(), "whoever links it reads it");
        let lease = due(&store, 40).await.remove(0);
        // A failure is tried again.
        let silent = Trouble::PortalFailed;
        store.end_reading(&lease, &end(40, Some(&silent))).await.unwrap();
        let card = store.links(&cabinet.tenant).await.unwrap().remove(0);
        let failure = card.failure.unwrap();
        assert_eq!((failure.at, failure.trouble), (at(41), silent));
        assert!(due(&store, 639).await.is_empty());
        let lease = due(&store, 640).await.remove(0);
        assert_eq!(lease.attempts, 2);
        store.end_reading(&lease, &end(640, None)).await.unwrap();
        assert_eq!(store.links(&cabinet.tenant).await.unwrap()[0].failure, None);

        // One that turns well is due at once, and not before.
        let change = |state, seconds, was, seen| StandingChange {
            state,
            reason: String::new(),
            probes: 0,
            was,
            seen,
            hinted_at: None,
            next_probe_at: None,
            now: at(seconds),
        };
        let seen = store.portal(&member(1)).await.unwrap().unwrap().state_since;
        let away = change(PortalState::Unreachable, 700, PortalState::Ok, seen);
        assert!(store.set_standing(&member(1), &away).await.unwrap());
        assert!(due(&store, 90_000).await.is_empty());
        let back = change(PortalState::Ok, 720, PortalState::Unreachable, at(700));
        assert!(store.set_standing(&member(1), &back).await.unwrap());
        let lease = due(&store, 720).await.remove(0);
        store.end_reading(&lease, &end(720, None)).await.unwrap();
        assert!(due(&store, 725).await.is_empty());

        // A farewell ends that.
        store.uninstall(&member(1), &left(false, 800)).await.unwrap();
        assert!(due(&store, 900_000).await.is_empty());
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn whoever_links_a_portal_has_the_time_to_read_it_first(base) {
        let store = base.open().await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        let granted = |seconds, installs| Grant {
            installs,
            first_reading_at: at(seconds + 30),
            ..grant(1, Level::Read, seconds)
        };
        let link = async |cabinet: &Cabinet, grant| store.link(&cabinet.id, &grant, None).await.unwrap();
        installed(&store, 1).await;
        assert_eq!(link(&one, granted(10, 1)).await, Linking::Made);
        assert!(due(&store, 39).await.is_empty());
        let lease = due(&store, 40).await.remove(0);
        store.end_reading(&lease, &end(40, None)).await.unwrap();

        // What another cabinet is to see is read at its time, which is not put off.
        assert_eq!(link(&two, granted(86_430, 1)).await, Linking::Made);
        assert_eq!(link(&two, granted(86_435, 1)).await, Linking::Same);
        assert!(due(&store, 86_439).await.is_empty());
        let lease = due(&store, 86_440).await.remove(0);
        store.end_reading(&lease, &end(86_440, None)).await.unwrap();

        // A time that came while no cabinet was there to see it is none any more.
        for cabinet in [&one, &two] {
            assert!(store.unlink(&cabinet.tenant, &member(1), None, at(86_500)).await.unwrap());
        }
        assert_eq!(link(&one, granted(200_000, 1)).await, Linking::Made);
        assert!(due(&store, 200_029).await.is_empty());
        assert_eq!(numbers(&due(&store, 200_030).await), [1]);

        // Nor does the last reading of an earlier installation make the next one due.
        store.uninstall(&member(1), &left(false, 200_100)).await.unwrap();
        store.remember_opening(&seen(1, "p1.bitrix24.ru", 200_150)).await.unwrap();
        installed(&store, 1).await;
        assert_eq!(link(&one, granted(200_200, 2)).await, Linking::Made);
        assert!(due(&store, 200_229).await.is_empty());
        assert_eq!(numbers(&due(&store, 200_230).await), [1]);
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn a_burst_of_changes_costs_one_reading_and_none_is_lost(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        linked(&store, &cabinet, 1).await;
        let lease = due(&store, 10).await.remove(0);
        store.end_reading(&lease, &end(10, None)).await.unwrap();
        for seconds in [100, 110, 155] {
            store.mark_for_reading(&member(1), at(seconds), at(seconds + 60)).await.unwrap();
        }
        assert!(due(&store, 159).await.is_empty());
        let lease = due(&store, 160).await.remove(0);
        // One more comes in while the portal is read.
        store.mark_for_reading(&member(1), at(161), at(221)).await.unwrap();
        store.clear_reading_mark(&member(1), at(155)).await.unwrap();
        store.end_reading(&lease, &end(160, None)).await.unwrap();
        assert!(due(&store, 220).await.is_empty());
        let lease = due(&store, 221).await.remove(0);
        store.clear_reading_mark(&member(1), at(161)).await.unwrap();
        store.end_reading(&lease, &end(221, None)).await.unwrap();
        assert!(due(&store, 86_000).await.is_empty());
    }

    async fn a_mark_that_nobody_takes_off_costs_one_reading(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        linked(&store, &cabinet, 1).await;
        store.mark_for_reading(&member(1), at(5), at(65)).await.unwrap();
        let lease = due(&store, 70).await.remove(0);
        store.end_reading(&lease, &end(70, None)).await.unwrap();
        assert!(due(&store, 86_000).await.is_empty());
    }

    async fn a_lease_that_is_given_back_leaves_everything_as_it_was(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        linked(&store, &cabinet, 1).await;
        linked(&store, &cabinet, 2).await;
        let leases = due(&store, 10).await;
        assert_eq!(numbers(&leases), [1, 2]);
        assert!(store.release_reading(&leases[0], false).await.unwrap());
        assert_eq!(store.release_readings("two").await.unwrap(), 0);
        assert_eq!(store.release_readings("one").await.unwrap(), 1);
        let again = due(&store, 10).await;
        assert_eq!(numbers(&again), [1, 2]);
        assert!(again.iter().all(|lease| lease.attempts == 1));
        // Slow ones have places of their own.
        for lease in &again {
            store.release_reading(lease, true).await.unwrap();
        }
        assert!(due(&store, 10).await.is_empty());
        let slow = store.lease_due_readings(&turn("one", 10), true, 1).await.unwrap();
        assert_eq!(slow.len(), 1);
    }

    async fn rel_13_a_large_cabinet_holds_up_no_small_one(base) {
        let store = base.open().await;
        let large = cabinet(&store, 1).await;
        for number in 1..=150 {
            linked(&store, &large, number).await;
        }
        let mut small = Vec::new();
        for number in 2..=51 {
            let owner = cabinet(&store, number).await;
            linked(&store, &owner, 200 + u32::from(number)).await;
            small.push(owner);
        }
        // Five places, each of which is free again when its portal was read.
        let rounds_of = async |seconds: i64| {
            let mut rounds = BTreeMap::new();
            for round in 1.. {
                let taken = store.lease_due_readings(&turn("one", seconds), false, 5).await.unwrap();
                if taken.is_empty() {
                    return rounds;
                }
                for number in numbers(&taken) {
                    rounds.insert(number, round);
                }
                for lease in &taken {
                    store.end_reading(lease, &end(seconds, None)).await.unwrap();
                }
            }
            rounds
        };
        // Alone, fifty small ones take ten rounds. The large one has one place of five beside them,
        // which is far from doubling that.
        let rounds = rounds_of(100).await;
        let waited: Vec<i32> = (202..=251).map(|number| rounds[&number]).collect();
        assert!(waited.iter().all(|round| *round <= 13), "{waited:?}");
        assert_eq!(rounds.len(), 200, "and nobody starves");

        // Where the large one asks for all of its portals, a small one that asks too comes at once,
        // and those that are merely due have one place in five meanwhile.
        run(&store, &large, 100_000).await;
        run(&store, &small[49], 100_001).await;
        let rounds = rounds_of(100_001).await;
        let waited: Vec<i32> = (202..=250).map(|number| rounds[&number]).collect();
        assert_eq!(rounds[&251], 1);
        assert!((2..=30).all(|round| waited.contains(&round)), "{waited:?}");
        assert_eq!(rounds.len(), 200);
    }

    async fn rel_13_who_has_many_being_read_waits_for_those_who_have_none(base) {
        let store = base.open().await;
        let (large, small) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        for number in 1..=9 {
            linked(&store, &large, number).await;
        }
        let first = store.lease_due_readings(&turn("one", 10), false, 4).await.unwrap();
        assert_eq!(numbers(&first), [1, 2, 3, 4]);
        linked(&store, &small, 50).await;
        linked(&store, &small, 51).await;
        let next = store.lease_due_readings(&turn("two", 10), false, 3).await.unwrap();
        assert_eq!(numbers(&next), [5, 50, 51]);
    }

    async fn two_processes_never_take_the_same_portal(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=40 {
            linked(&store, &cabinet, number).await;
        }
        let other = store.background(4).await.unwrap();
        let (one, two) = (turn("one", 10), turn("two", 10));
        let (mut taken, mut rounds) = (Vec::new(), 0);
        while taken.len() < 40 && rounds < 100 {
            let (a, b) = tokio::join!(
                store.lease_due_readings(&one, false, 3),
                other.lease_due_readings(&two, false, 3)
            );
            taken.extend(numbers(&a.unwrap()));
            taken.extend(numbers(&b.unwrap()));
            rounds += 1;
        }
        taken.sort_unstable();
        assert_eq!(taken, (1..=40).collect::<Vec<_>>());
    }

    async fn a_run_is_settled_by_whatever_reads_its_portals(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=4 {
            linked(&store, &cabinet, number).await;
        }
        for lease in due(&store, 10).await {
            store.end_reading(&lease, &end(10, None)).await.unwrap();
        }
        assert_eq!(store.run_progress(&cabinet.tenant, None).await.unwrap(), None);
        let id = run_of(&store, &cabinet, Some(&[1, 2, 3, 3, 99]), 100).await;
        assert_eq!(counts(&progress(&store, &cabinet).await), (0, 0, 0, 0, 3));
        // Two readings that the worker takes for the run, and one that somebody looks at.
        let leases = store.lease_due_readings(&turn("one", 100), false, 2).await.unwrap();
        let mut numbers_of = numbers(&leases);
        assert_eq!(counts(&progress(&store, &cabinet).await), (0, 0, 0, 2, 3));
        let unpaid = Trouble::NotPaid;
        assert_eq!(store.end_reading(&leases[0], &end(100, None)).await.unwrap(), Some(vec![]));
        assert_eq!(store.end_reading(&leases[1], &end(100, Some(&unpaid))).await.unwrap(), Some(vec![]));
        let third = (1..=3).find(|number| !numbers_of.contains(number)).unwrap();
        let lease = one(&store, third, 101).await;
        let finished = store.end_reading(&lease, &end(101, None)).await.unwrap().unwrap();
        assert_eq!(finished.len(), 1);
        assert_eq!((finished[0].total, finished[0].read, finished[0].failed), (3, 2, 1));
        let done = progress(&store, &cabinet).await;
        assert_eq!(counts(&done), (2, 1, 0, 0, 3));
        assert_eq!((done.id.as_str(), done.made_at, done.finished_at), (id.as_str(), at(100), Some(at(102))));
        let failed = leases[1].portal.member_id.clone();
        assert_eq!(done.failed, [RunFailure { member_id: failed, trouble: unpaid }]);
        numbers_of.push(third);

        // It is shown until it is put away, and to nobody else.
        let other = crate::support::cabinet(&store, 2).await;
        assert_eq!(store.run_progress(&other.tenant, None).await.unwrap(), None);
        assert_eq!(store.run_progress(&other.tenant, Some(&id)).await.unwrap(), None);
        assert!(!store.put_run_away(&other.tenant, &id, at(105)).await.unwrap());
        assert!(!store.stop_run(&other.tenant, &id, at(105)).await.unwrap());
        assert!(store.put_run_away(&cabinet.tenant, &id, at(105)).await.unwrap());
        assert_eq!(store.run_progress(&cabinet.tenant, None).await.unwrap(), None);
        assert_eq!(store.purge_runs(at(99)).await.unwrap(), 0);
        assert_eq!(store.purge_runs(at(100)).await.unwrap(), 1);
    }

    async fn who_asks_twice_has_one_run(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=3 {
            linked(&store, &cabinet, number).await;
        }
        let ask = async |which: &'static [u32]| run_of(&store, &cabinet, Some(which), 100).await;
        let (a, b, c) = tokio::join!(ask(&[1, 2]), ask(&[1, 2]), ask(&[2, 3]));
        assert_eq!((&a, &b), (&b, &c));
        assert_eq!(progress(&store, &cabinet).await.total, 3);
        let lease = one(&store, 1, 100).await;
        store.end_reading(&lease, &end(100, None)).await.unwrap();
        // What was read a moment ago is not read again; a while later it is.
        run(&store, &cabinet, 120).await;
        assert_eq!(counts(&progress(&store, &cabinet).await), (1, 0, 0, 0, 3));
        assert_eq!(run(&store, &cabinet, 140).await, a);
        assert_eq!(counts(&progress(&store, &cabinet).await), (0, 0, 0, 0, 3));
    }

    async fn nobody_sees_a_run_without_the_tasks_that_it_begins_with(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=3 {
            linked(&store, &cabinet, number).await;
        }
        let other = store.background(4).await.unwrap();
        for round in 0..20 {
            let seconds = 100 + round;
            let finishing = async {
                let mut finished = Vec::new();
                for _ in 0..20 {
                    finished.extend(other.finish_empty_runs(at(seconds)).await.unwrap());
                }
                finished
            };
            let (id, finished) = tokio::join!(run(&store, &cabinet, seconds), finishing);
            assert_eq!(finished, [], "round {round}");
            let waiting = store.waiting_tasks(Some(&id)).await.unwrap();
            let skipped: Vec<_> = waiting.into_iter().map(|task| (task, TaskEnd::Skipped)).collect();
            let ended = store.end_tasks(&skipped, None, at(seconds)).await.unwrap();
            assert_eq!(ended.len(), 1);
        }
    }

    async fn what_needs_no_reading_is_settled_before_anybody_can_read_it(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=3 {
            linked(&store, &cabinet, number).await;
        }
        for lease in due(&store, 10).await {
            store.end_reading(&lease, &end(10, None)).await.unwrap();
        }
        let other = store.background(4).await.unwrap();
        for round in 0..20 {
            let now = at(20 + round);
            let settle = |task: &WaitingTask| (task.member_id != member(2)).then_some(TaskEnd::Read);
            let taking = async {
                let mut taken = Vec::new();
                for _ in 0..20 {
                    taken.extend(due(&other, 20 + round).await);
                }
                taken
            };
            let begun = store.begin_run(&cabinet.tenant, None, now, now, now, settle);
            let (begun, mut taken) = tokio::join!(begun, taking);
            assert_eq!(begun.unwrap().1, [], "one is to be read");
            taken.extend(due(&store, 20 + round).await);
            assert_eq!(numbers(&taken), [2], "round {round}");
            store.end_reading(&taken[0], &end(20 + round, None)).await.unwrap();
        }
        // Where nothing is to be read, it is finished at once.
        let begun = store.begin_run(&cabinet.tenant, None, at(60), at(60), at(60), |_| Some(TaskEnd::Read));
        let (id, finished) = begun.await.unwrap();
        assert_eq!((finished.len(), finished[0].id.as_str(), finished[0].read), (1, id.as_str(), 3));
    }

    async fn a_stopped_run_is_finished_when_its_last_reading_is(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=3 {
            linked(&store, &cabinet, number).await;
        }
        let id = run(&store, &cabinet, 100).await;
        let lease = one(&store, 2, 100).await;
        assert!(store.stop_run(&cabinet.tenant, &id, at(101)).await.unwrap());
        let waiting = store.waiting_tasks(Some(&id)).await.unwrap();
        assert!(waiting.iter().all(|task| task.is_stopped && task.link == TaskLink::Linked));
        let skipped: Vec<_> = waiting
            .into_iter()
            .filter(|task| !task.last.is_under_way)
            .map(|task| (task, TaskEnd::Skipped))
            .collect();
        assert_eq!(store.end_tasks(&skipped, Some(&id), at(101)).await.unwrap(), []);
        assert_eq!(counts(&progress(&store, &cabinet).await), (0, 0, 2, 1, 3));
        // Somebody who asks again has a new one.
        let next = run_of(&store, &cabinet, Some(&[3]), 102).await;
        assert_ne!(next, id);
        let finished = store.end_reading(&lease, &end(102, None)).await.unwrap().unwrap();
        assert_eq!((finished[0].id.as_str(), finished[0].read), (id.as_str(), 1));
        assert_eq!(progress(&store, &cabinet).await.id, next);
    }

    async fn sec_24_a_run_names_no_portal_that_is_linked_no_longer(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=3 {
            linked(&store, &cabinet, number).await;
        }
        let id = run(&store, &cabinet, 100).await;
        for number in [1, 2] {
            let lease = one(&store, number, 100).await;
            store.end_reading(&lease, &end(100, Some(&Trouble::Moved))).await.unwrap();
        }
        assert!(store.unlink(&cabinet.tenant, &member(1), None, at(101)).await.unwrap());
        let shown = progress(&store, &cabinet).await;
        assert_eq!(counts(&shown), (0, 1, 1, 0, 3));
        assert_eq!(shown.failed[0].member_id, member(2));
        // One that is deleted with everything leaves a run that is at its end.
        store.uninstall(&member(3), &left(true, 102)).await.unwrap();
        let finished = store.finish_empty_runs(at(103)).await.unwrap();
        assert_eq!((finished.len(), finished[0].id.as_str()), (1, id.as_str()));
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn two_who_settle_the_last_two_tasks_finish_the_run_once(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        for number in 1..=2 {
            linked(&store, &cabinet, number).await;
        }
        for round in 0..10 {
            let seconds = 100 + 100 * round;
            run(&store, &cabinet, seconds).await;
            let (a, b) = (one(&store, 1, seconds).await, one(&store, 2, seconds).await);
            let ended = end(seconds, None);
            let (a, b) = tokio::join!(store.end_reading(&a, &ended), store.end_reading(&b, &ended));
            let finished = a.unwrap().unwrap().len() + b.unwrap().unwrap().len();
            assert_eq!(finished, 1, "round {round}");
        }
    }
}
