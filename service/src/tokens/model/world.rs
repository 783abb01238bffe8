//! What all processes of a history share: the database, the authority, the disks, and chance.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crmap_crm::Clock;
use crmap_store::Chain;
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Bug;
use super::base::{Base, Pair};
use super::port::Process;

pub(super) const PROCESSES: usize = 3;
/// How many processes die, and how many are stopped, in a history at the most.
const DEATHS: u32 = 3;
const STOPS: u32 = 2;

/// Chance out of a seed.
pub(super) struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    pub(super) fn within(&mut self, longest: Duration) -> Duration {
        Duration::from_millis(self.next() % (longest.as_millis() as u64 + 1))
    }
}

/// The authority: each refresh token works once. A lenient one repeats its last answer.
pub(super) struct Authority {
    issued: u64,
    good: String,
    access: Option<String>,
    last: Option<(String, Pair)>,
    lenient: bool,
    /// How many tokens it refused.
    refused: u32,
}

impl Authority {
    fn issue(&mut self) -> Pair {
        self.issued += 1;
        let pair = Pair {
            access: format!("access-{}", self.issued),
            refresh: format!("refresh-{}", self.issued),
        };
        self.good.clone_from(&pair.refresh);
        self.access = Some(pair.access.clone());
        pair
    }

    /// Nothing where the token is not good.
    pub(super) fn answer(&mut self, token: &str) -> Option<Pair> {
        if token == self.good {
            let pair = self.issue();
            self.last = Some((token.to_owned(), pair.clone()));
            return Some(pair);
        }
        if let Some((old, pair)) = &self.last
            && self.lenient
            && old == token
        {
            return Some(pair.clone());
        }
        self.refused += 1;
        None
    }
}

/// A pair in a local journal.
#[derive(Clone)]
pub(super) struct Spilt {
    pub(super) generation: i64,
    pub(super) pair: Pair,
    pub(super) expires_at: OffsetDateTime,
}

pub(super) struct Facts {
    pub(super) base: Base,
    pub(super) authority: Authority,
    pub(super) disks: [Option<Spilt>; PROCESSES],
    processes: [Option<Arc<Process>>; PROCESSES],
    dice: Dice,
    deaths: u32,
    stops: u32,
    /// What may cost the chain: an answer that nobody has, or a token that was sent twice.
    pub(super) excuses: u32,
}

pub(super) struct World {
    facts: Mutex<Facts>,
    began: Instant,
    pub(super) bug: Option<Bug>,
}

impl World {
    pub(super) fn new(seed: u64, bug: Option<Bug>) -> Arc<Self> {
        let mut dice = Dice(seed);
        let mut authority = Authority {
            issued: 0,
            good: String::new(),
            access: None,
            last: None,
            lenient: dice.one_in(4),
            refused: 0,
        };
        let base = Base::new(authority.issue());
        Arc::new(Self {
            facts: Mutex::new(Facts {
                base,
                authority,
                disks: [const { None }; PROCESSES],
                processes: [const { None }; PROCESSES],
                deaths: if dice.one_in(3) { 0 } else { DEATHS },
                stops: if dice.one_in(2) { 0 } else { STOPS },
                dice,
                excuses: 0,
            }),
            began: Instant::now(),
            bug,
        })
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn chance<T>(&self, throw: impl FnOnce(&mut Dice) -> T) -> T {
        throw(&mut self.facts().dice)
    }

    /// Whether the process that comes to a step dies there.
    pub(super) fn deals_death(&self) -> bool {
        let mut facts = self.facts();
        let dies = facts.deaths > 0 && facts.dice.one_in(40);
        facts.deaths -= u32::from(dies);
        dies
    }

    /// For how long the process that comes to a step is stopped.
    pub(super) fn stops_for(&self) -> Option<Duration> {
        let mut facts = self.facts();
        let stops = facts.stops > 0 && facts.dice.one_in(60);
        facts.stops -= u32::from(stops);
        stops.then(|| Duration::from_secs(50) + facts.dice.within(Duration::from_secs(250)))
    }

    pub(super) fn excuse(&self) {
        self.facts().excuses += 1;
    }

    pub(super) fn calm_down(&self) {
        let mut facts = self.facts();
        (facts.deaths, facts.stops) = (0, 0);
    }

    /// No access token serves any more.
    pub(super) fn expire(&self) {
        self.facts().authority.access = None;
    }

    pub(super) fn serves(&self, chain: &Chain) -> bool {
        let facts = self.facts();
        let good = facts.authority.access.as_deref();
        let access = chain.access.as_ref().map(ExposeSecret::expose_secret);
        good.is_some() && access == good
    }

    /// As a process sees it that has `early` on its way into the database.
    pub(super) fn chain(&self, early: Option<&Pair>) -> Chain {
        let mut chain = self.facts().base.chain();
        if let Some(early) = early {
            chain.access = Some(early.access.clone().into());
            chain.generation += 1;
        }
        chain
    }

    /// Somebody works with a token.
    pub(super) fn is_used(&self, chain: &Chain) {
        let mut facts = self.facts();
        let access = chain.access.as_ref().map(ExposeSecret::expose_secret);
        if !access.is_some_and(|access| facts.base.stored.contains(access)) {
            let broken = format!("{access:?} was used and was not stored");
            facts.base.broken.get_or_insert(broken);
        }
    }

    pub(super) fn process(&self, number: usize) -> Option<Arc<Process>> {
        self.facts().processes[number].clone()
    }

    pub(super) fn put_process(&self, number: usize, process: Option<Arc<Process>>) {
        self.facts().processes[number] = process;
    }

    pub(super) async fn death_of(&self, process: &Process) {
        let mut dead: watch::Receiver<bool> = process.dead.subscribe();
        // The sender lives as long as the process that is asked about.
        let _closed = dead.wait_for(|dead| *dead).await;
    }

    /// What a history came to, once it is quiet.
    pub(super) fn verdict(&self, serves: bool) -> Result<(), String> {
        let facts = self.facts();
        if let Some(broken) = &facts.base.broken {
            return Err(broken.clone());
        }
        let refused = facts.authority.refused;
        if refused > 0 && facts.excuses == 0 {
            return Err(format!(
                "{refused} tokens were refused and nothing had gone wrong"
            ));
        }
        let good = facts.base.refresh_token() == Some(facts.authority.good.as_str());
        if facts.base.is_sure() && !good {
            return Err("the chain passes for sound and its token is worth nothing".to_owned());
        }
        if !serves && facts.excuses == 0 {
            return Err("the chain is lost and nothing had gone wrong".to_owned());
        }
        Ok(())
    }
}

impl Clock for World {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + self.began.elapsed()
    }
}
