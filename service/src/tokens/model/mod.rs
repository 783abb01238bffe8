//! REL-10: histories of three processes that refresh one chain through the protocol as it is, over a
//! database and an authority that are a few variables each, on a clock that jumps. By chance, out of
//! a seed: processes die before and after every step and start again, are stopped for longer than a
//! lease, requests are delayed, lost and delivered twice, answers come late or a second time.
//!
//! `CRMAP_MODEL_HISTORIES=100000` runs as many; `CRMAP_MODEL_SEED` begins with that one. What breaks
//! a promise is told with its seed.

mod base;
mod port;
mod world;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use self::port::Process;
use self::world::{PROCESSES, World};
use super::{NoToken, RefreshTimes};

/// A fault that the model must catch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// Whoever comes last stores its pair, whatever there is by then.
    NoFence,
    /// The lease is a lock that runs out soon, and is taken away by whoever has done with it.
    ShortLock,
    /// A pair counts as stored while it is on its way into the database.
    UseBeforeCommit,
    /// Nothing is written to the local journal.
    NoSpill,
    /// A process that starts does not look into its local journal.
    NoReplay,
}

const TIMES: RefreshTimes = RefreshTimes {
    lease: Duration::from_secs(45),
    patience: Duration::from_secs(50),
    backoff: Duration::from_secs(30),
    storing: Duration::from_secs(300),
};
/// Tasks of each process, and how often each needs a token.
const TASKS: usize = 2;
const ROUNDS: usize = 3;
/// How often the last question is asked before the chain counts as stuck.
const LAST_TRIES: usize = 8;

/// Runs one history. Says what was broken.
fn history(seed: u64, bug: Option<Bug>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World::new(seed, bug);
        let mut tasks = Vec::new();
        for number in 0..PROCESSES {
            Process::start(&world, number);
            for _task in 0..TASKS {
                tasks.push(tokio::spawn(task(Arc::clone(&world), number)));
            }
        }
        for task in tasks {
            task.await.map_err(|panicked| panicked.to_string())?;
        }
        aftermath(&world).await
    })
}

/// Needs a token now and then.
async fn task(world: Arc<World>, number: usize) {
    for _round in 0..ROUNDS {
        sleep(world.chance(|dice| dice.within(Duration::from_secs(60)))).await;
        world.chance(|dice| dice.one_in(2)).then(|| world.expire());
        ask(&world, number).await;
    }
}

/// Asks for a token where that of the database does not serve. Whoever asks dies with its process.
async fn ask(world: &Arc<World>, number: usize) -> Option<Result<(), NoToken>> {
    let process = world.process(number)?;
    let chain = world.chain(None);
    if world.serves(&chain) {
        return Some(Ok(()));
    }
    let asked = process.refresher.fresh(&chain, None);
    let died = world.death_of(&process);
    tokio::select! {
        asked = asked => Some(asked.map(|chain| world.is_used(&chain))),
        () = died => None,
    }
}

/// Faults are over: the chain must serve, or be known not to, for a reason.
async fn aftermath(world: &Arc<World>) -> Result<(), String> {
    world.calm_down();
    sleep(Duration::from_secs(120)).await;
    world.expire();
    let mut last = Some(Ok(()));
    for number in 0..LAST_TRIES {
        last = ask(world, number % PROCESSES).await;
        match last {
            Some(Err(NoToken::Ended(_))) => break,
            Some(Ok(())) if world.serves(&world.chain(None)) => break,
            _ => {}
        }
        sleep(Duration::from_secs(301)).await;
    }
    let outcome = match last {
        Some(Ok(())) => Ok(true),
        Some(Err(NoToken::Ended(_))) => Ok(false),
        Some(Err(stuck)) => Err(format!("the chain is stuck: {stuck}")),
        None => Err("a process died after all".to_owned()),
    };
    outcome.and_then(|serves| world.verdict(serves))
}

fn histories() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let count = number("CRMAP_MODEL_HISTORIES").unwrap_or(2_000);
    (number("CRMAP_MODEL_SEED").unwrap_or(1), count)
}

#[test]
fn rel_10_no_history_of_three_processes_breaks_the_refresh_of_a_token() {
    let (first, count) = histories();
    for seed in first..first + count {
        if let Err(broken) = history(seed, None) {
            panic!("CRMAP_MODEL_SEED={seed}: {broken}");
        }
    }
    println!("{count} histories from {first}");
}

/// How many histories it takes until the fault shows, and how.
fn caught(bug: Bug) -> String {
    let found = (1..=2_000).find_map(|seed| {
        let broken = history(seed, Some(bug)).err()?;
        Some(format!("history {seed}: {broken}"))
    });
    let found = found.unwrap_or_else(|| panic!("{bug:?} was not caught"));
    println!("{bug:?}: {found}");
    found
}

#[test]
fn rel_10_catches_a_store_without_a_fence() {
    caught(Bug::NoFence);
}

#[test]
fn rel_10_catches_a_lock_that_runs_out_under_its_owner() {
    assert!(caught(Bug::ShortLock).contains("refused"));
}

#[test]
fn rel_10_catches_a_use_before_the_commit() {
    assert!(caught(Bug::UseBeforeCommit).contains("was not stored"));
}

#[test]
fn rel_10_catches_a_missing_journal() {
    caught(Bug::NoSpill);
}

#[test]
fn rel_10_catches_a_journal_that_nobody_plays_back() {
    caught(Bug::NoReplay);
}
