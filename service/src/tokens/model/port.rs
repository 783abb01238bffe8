//! A process: the protocol as it is, over steps before and after which it may die.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use crmap_crm::{
    Access, Clock, CrmAccount, CrmConnector, CrmError, FreshTokens, OpeningClaim, ProvenOpening,
    RefreshError, RefreshRequest,
};
use crmap_domain::MemberId;
use crmap_store::{
    Chain, FreshPair, Lease, Leased, Outcome, RefreshTurn, Released, Settled, StoreError,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::base::{MEMBER, Pair};
use super::world::{Spilt, World};
use super::{Bug, TIMES};
use crate::tokens::{NoCheckpoints, Refresher};
use crate::vault::Vault;

/// How long the connector waits for the authority.
const ANSWER: Duration = Duration::from_secs(15);
const EXPIRES_IN: time::Duration = time::Duration::hours(1);

pub(super) struct Process {
    pub(super) refresher: Arc<Refresher>,
    pub(super) dead: watch::Sender<bool>,
}

impl Process {
    /// Plays the local journal back and is there for those who ask.
    pub(super) fn start(world: &Arc<World>, number: usize) {
        let spilt = world.facts().disks[number].take();
        if let Some(spilt) = spilt.filter(|_| world.bug != Some(Bug::NoReplay)) {
            let (generation, pair) = (spilt.generation, spilt.pair);
            let mut facts = world.facts();
            facts.base.bring_in(generation, pair, spilt.expires_at);
        }
        let (dead, _) = watch::channel(false);
        let port = Arc::new(Port {
            world: Arc::clone(world),
            number,
            dead: dead.clone(),
            asked: Mutex::new(false),
            early: Mutex::new(None),
        });
        let refresher = Refresher {
            vault: port.clone(),
            connector: port,
            clock: world.clone() as Arc<dyn Clock>,
            checkpoints: Arc::new(NoCheckpoints),
            owner: format!("process-{number}"),
            times: TIMES,
            flights: Mutex::default(),
            accepted: Mutex::default(),
        };
        let process = Self {
            refresher: Arc::new(refresher),
            dead,
        };
        world.put_process(number, Some(Arc::new(process)));
    }
}

/// The way of a process to database, disk and authority.
struct Port {
    world: Arc<World>,
    number: usize,
    dead: watch::Sender<bool>,
    /// Whether the authority was asked for a pair that is nowhere but in this process.
    asked: Mutex<bool>,
    /// A pair that counts as stored too early.
    early: Mutex<Option<Pair>>,
}

impl Port {
    /// A step of the protocol, that takes a while, and at which the process may be stopped or die.
    /// Of a dead one nothing goes on.
    async fn step(&self) {
        if *self.dead.borrow() {
            std::future::pending::<()>().await;
        }
        if self.world.deals_death() {
            self.die();
            std::future::pending::<()>().await;
        }
        if let Some(time) = self.world.stops_for() {
            // Its lease may run out meanwhile, and somebody else use the same token.
            self.world.excuse();
            sleep(time).await;
        }
        let pause = self
            .world
            .chance(|dice| dice.within(Duration::from_millis(50)));
        sleep(pause).await;
        if *self.dead.borrow() {
            std::future::pending::<()>().await;
        }
    }

    fn die(&self) {
        if *lock(&self.asked) {
            self.world.excuse();
        }
        self.dead.send_replace(true);
        self.world.put_process(self.number, None);
        let (world, number) = (Arc::clone(&self.world), self.number);
        tokio::spawn(async move {
            sleep(world.chance(|dice| dice.within(Duration::from_secs(20)))).await;
            Process::start(&world, number);
        });
    }

    fn early(&self) -> Option<Pair> {
        lock(&self.early).clone()
    }
}

/// The request on its way, at the authority, and the answer on its way back.
async fn exchange(world: Arc<World>, token: String) -> Option<Pair> {
    let trip = || {
        world.chance(|dice| {
            let longest = if dice.one_in(25) { 40 } else { 3 };
            dice.within(Duration::from_secs(longest))
        })
    };
    sleep(trip()).await;
    let mut answer = world.facts().authority.answer(&token);
    if world.chance(|dice| dice.one_in(40)) {
        // It came a second time, and the answer to that is the one that arrives.
        world.excuse();
        answer = world.facts().authority.answer(&token);
    }
    sleep(trip()).await;
    if world.chance(|dice| dice.one_in(40)) {
        std::future::pending::<()>().await;
    }
    answer
}

#[async_trait]
impl Vault for Port {
    async fn chain(&self, _of: &MemberId, _user: i64) -> Result<Option<Chain>, StoreError> {
        self.step().await;
        Ok(Some(self.world.chain(self.early().as_ref())))
    }

    async fn lease(&self, turn: &RefreshTurn<'_>) -> Result<Leased, StoreError> {
        self.step().await;
        let lease = match self.world.bug {
            Some(Bug::ShortLock) => Duration::from_secs(2),
            _ => turn.lease,
        };
        let turn = RefreshTurn { lease, ..*turn };
        let now = self.world.now();
        let leased = self.world.facts().base.lease(&turn, now);
        self.step().await;
        Ok(leased)
    }

    async fn reserve(&self, _lease: &Lease) -> Result<(), StoreError> {
        self.step().await;
        Ok(())
    }

    async fn spill(&self, lease: &Lease, pair: &FreshPair) -> Result<(), StoreError> {
        self.step().await;
        if self.world.bug != Some(Bug::NoSpill) {
            self.world.facts().disks[self.number] = Some(Spilt {
                generation: lease.generation,
                pair: Pair::of(pair),
                expires_at: pair.expires_at,
            });
        }
        *lock(&self.asked) = false;
        self.step().await;
        Ok(())
    }

    async fn settle(
        &self,
        lease: &Lease,
        pair: &FreshPair,
        _now: time::OffsetDateTime,
    ) -> Result<Settled, StoreError> {
        let generation = lease.generation + 1;
        if self.world.bug == Some(Bug::UseBeforeCommit) {
            *lock(&self.early) = Some(Pair::of(pair));
            return Ok(Settled::Stored { generation });
        }
        self.step().await;
        let fenced = self.world.bug != Some(Bug::NoFence);
        let settled = self.world.facts().base.settle(lease, pair, fenced);
        if self.world.chance(|dice| dice.one_in(20)) {
            // The connection broke after it was stored.
            return Err(StoreError::Unavailable("no answer".into()));
        }
        self.step().await;
        Ok(settled)
    }

    async fn clear(&self, lease: &Lease) -> Result<(), StoreError> {
        self.step().await;
        let mut facts = self.world.facts();
        let disk = &mut facts.disks[self.number];
        if disk
            .as_ref()
            .is_some_and(|spilt| spilt.generation == lease.generation)
        {
            *disk = None;
        }
        Ok(())
    }

    async fn release(
        &self,
        lease: &Lease,
        outcome: Outcome,
        _now: time::OffsetDateTime,
    ) -> Result<Released, StoreError> {
        self.step().await;
        *lock(&self.asked) = false;
        let now = self.world.now();
        let released = self.world.facts().base.release(lease, outcome, now);
        if self.world.bug == Some(Bug::ShortLock) {
            self.world.facts().base.unlock();
        }
        self.step().await;
        Ok(released)
    }
}

/// The connector alone is asked to refresh here.
#[async_trait]
impl CrmConnector for Port {
    fn account(&self, _access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        unreachable!()
    }

    async fn prove_opening(&self, _claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        unreachable!()
    }

    async fn prove_token(
        &self,
        _token: &SecretString,
        _of: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        unreachable!()
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        self.step().await;
        *lock(&self.asked) = true;
        let token = request.refresh_token.expose_secret().to_owned();
        // What is on its way arrives, whoever still waits for it.
        let exchange = tokio::spawn(exchange(Arc::clone(&self.world), token));
        let answer = timeout(ANSWER, exchange).await;
        self.step().await;
        match answer {
            Ok(Ok(Some(pair))) => Ok(FreshTokens {
                access_token: pair.access.into(),
                refresh_token: pair.refresh.into(),
                expires_in: EXPIRES_IN,
                member_id: MemberId::parse(MEMBER).unwrap(),
                user_id: 1,
                address: String::new(),
                base: String::new(),
            }),
            Ok(Ok(None)) => Err(RefreshError::Rejected {
                code: "invalid_grant".to_owned(),
            }),
            Ok(Err(_)) | Err(_) => {
                self.world.excuse();
                Err(RefreshError::Ambiguous(CrmError::ProofUnavailable {
                    source: None,
                }))
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
