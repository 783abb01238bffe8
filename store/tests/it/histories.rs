//! Histories of three processes that refresh one chain, made up at random and compared with what
//! should come of them (REL-10): leases run out under their holders, answers come late or twice,
//! openings bring candidates, the portal leaves and returns.

use std::sync::Arc;
use std::time::Duration;

use crmap_store::{
    ChainStatus, FreshPair, KeyRing, Lease, Leased, Leaving, Outcome, Released, Settled, Store,
};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use crate::support::*;

const PROCESSES: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// A lease that lasts, or one that has run out as soon as it is granted.
    Lease {
        process: usize,
        lasts: bool,
    },
    /// Stores the pair that came of the process's last lease.
    Settle {
        process: usize,
    },
    Release {
        process: usize,
        outcome: Outcome,
    },
    Open,
    Leave {
        clean: bool,
    },
    Install,
}

fn step() -> impl Strategy<Value = Step> {
    let process = 0..PROCESSES;
    let outcome = prop_oneof![
        Just(Outcome::Untouched {
            retry_after: Duration::ZERO
        }),
        Just(Outcome::Ambiguous {
            retry_after: Duration::ZERO
        }),
        Just(Outcome::Rejected),
        Just(Outcome::Revoked),
    ];
    prop_oneof![
        6 => (process.clone(), any::<bool>())
            .prop_map(|(process, lasts)| Step::Lease { process, lasts }),
        6 => process.clone().prop_map(|process| Step::Settle { process }),
        3 => (process, outcome).prop_map(|(process, outcome)| Step::Release { process, outcome }),
        2 => Just(Step::Open),
        1 => any::<bool>().prop_map(|clean| Step::Leave { clean }),
        1 => Just(Step::Install),
    ]
}

/// What the chain must be.
struct Expected {
    status: ChainStatus,
    generation: i64,
    /// Whether a process died, as far as anybody can tell, between asking and storing.
    doubt: bool,
    access: Option<String>,
    refresh: Option<String>,
    candidate: Option<String>,
    /// The lease that may still store, and whether it keeps others off.
    holder: Option<(usize, bool)>,
}

/// A lease as its process remembers it.
#[derive(Clone)]
struct Held {
    number: usize,
    chain: usize,
    lease: Lease,
    pair: FreshPair,
}

struct World {
    store: Store,
    chain: Option<Expected>,
    chains: usize,
    leases: usize,
    clock: i64,
    held: [Option<Held>; PROCESSES],
}

impl World {
    async fn new() -> Self {
        let store = Store::in_memory(KeyRing::generate([1; 32]), Arc::new(Random))
            .await
            .unwrap();
        let mut world = Self {
            store,
            chain: None,
            chains: 0,
            leases: 0,
            clock: 0,
            held: [const { None }; PROCESSES],
        };
        world.install().await;
        world
    }

    async fn take(&mut self, step: Step) {
        self.clock += 1;
        match step {
            Step::Lease { process, lasts } => self.lease(process, lasts).await,
            Step::Settle { process } => self.settle(process).await,
            Step::Release { process, outcome } => self.release(process, outcome).await,
            Step::Open => self.open().await,
            Step::Leave { clean } => self.leave(clean).await,
            Step::Install => self.install().await,
        }
        self.compare().await;
    }

    async fn lease(&mut self, process: usize, lasts: bool) {
        let seen = self.chain.as_ref().map_or(1, |chain| chain.generation);
        let time = if lasts { LEASE } else { Duration::ZERO };
        let asked = self
            .store
            .lease_chain(&asking((&member(1), 1), seen, "process", time))
            .await
            .unwrap();
        let Some(chain) = &mut self.chain else {
            assert!(matches!(asked, Leased::Gone), "{asked:?}");
            return;
        };
        let token = chain.refresh.as_ref().or(chain.candidate.as_ref());
        let usable = matches!(chain.status, ChainStatus::Active | ChainStatus::Ambiguous);
        let Some(token) = token.filter(|_| usable) else {
            assert!(matches!(asked, Leased::NothingToUse), "{asked:?}");
            return;
        };
        if chain.holder.is_some_and(|(_, lasts)| lasts) {
            assert!(matches!(asked, Leased::Held { .. }), "{asked:?}");
            return;
        }
        let Leased::Granted(lease) = asked else {
            panic!("not granted: {asked:?}")
        };
        assert_eq!(lease.refresh.expose_secret(), token);
        assert_eq!(lease.from_candidate, chain.refresh.is_none());
        if chain.doubt {
            chain.status = ChainStatus::Ambiguous;
        }
        chain.doubt = true;
        self.leases += 1;
        chain.holder = Some((self.leases, lasts));
        self.held[process] = Some(Held {
            number: self.leases,
            chain: self.chains,
            pair: pair(&format!("{}", self.leases), self.clock),
            lease: *lease,
        });
    }

    /// Whether a lease may still store a pair, or else why not: another holder must not be at work.
    fn may_store(&self, held: &Held) -> Result<(), Settled> {
        match &self.chain {
            Some(chain) if held.chain == self.chains => {
                let alone = chain.holder.is_none_or(|(number, _)| number == held.number);
                let shut_out = chain.status == ChainStatus::Revoked;
                if alone && !shut_out && chain.generation == held.lease.generation {
                    Ok(())
                } else {
                    Err(Settled::Superseded)
                }
            }
            _ => Err(Settled::Gone),
        }
    }

    /// Whether a lease may still say how it ended, or else why not.
    fn stands(&self, held: &Held) -> Result<(), Settled> {
        match &self.chain {
            Some(chain) if held.chain == self.chains => match chain.holder {
                Some((number, _)) if number == held.number => Ok(()),
                _ => Err(Settled::Superseded),
            },
            _ => Err(Settled::Gone),
        }
    }

    async fn settle(&mut self, process: usize) {
        let Some(held) = self.held[process].clone() else {
            return;
        };
        let outcome = self
            .store
            .settle_refresh(&held.lease, &held.pair, at(self.clock))
            .await
            .unwrap();
        let stands = self.may_store(&held);
        let next = held.lease.generation + 1;
        let refresh = held.pair.refresh.expose_secret();
        let (Ok(()), Some(chain)) = (stands, &mut self.chain) else {
            let stored_before = self.chain.as_ref().is_some_and(|chain| {
                held.chain == self.chains
                    && chain.generation == next
                    && chain.refresh.as_deref() == Some(refresh)
            });
            let expected = match stands {
                Err(why) if !stored_before => why,
                _ => Settled::Stored { generation: next },
            };
            assert_eq!(outcome, expected);
            return;
        };
        assert_eq!(outcome, Settled::Stored { generation: next });
        if held.lease.from_candidate
            && chain.candidate.as_deref() == Some(held.lease.refresh.expose_secret())
        {
            chain.candidate = None;
        }
        chain.generation = next;
        chain.status = ChainStatus::Active;
        chain.doubt = false;
        chain.holder = None;
        chain.access = Some(held.pair.access.expose_secret().to_owned());
        chain.refresh = Some(refresh.to_owned());
    }

    async fn release(&mut self, process: usize, outcome: Outcome) {
        let Some(held) = self.held[process].take() else {
            return;
        };
        let released = self
            .store
            .release_lease(&held.lease, outcome, at(self.clock))
            .await
            .unwrap();
        let stands = self.stands(&held);
        let (Ok(()), Some(chain)) = (stands, &mut self.chain) else {
            let expected = match stands {
                Err(Settled::Gone) => Released::Gone,
                _ => Released::Superseded,
            };
            assert_eq!(released, expected);
            return;
        };
        match outcome {
            Outcome::Untouched { .. } => chain.doubt = chain.status == ChainStatus::Ambiguous,
            Outcome::Ambiguous { .. } => chain.status = ChainStatus::Ambiguous,
            Outcome::Rejected => {
                chain.refresh = None;
                if chain.candidate.as_deref() == Some(held.lease.refresh.expose_secret()) {
                    chain.candidate = None;
                }
                chain.status = match chain.candidate {
                    Some(_) => ChainStatus::Active,
                    None => ChainStatus::ReauthRequired,
                };
                chain.doubt = false;
            }
            Outcome::Revoked => {
                (chain.access, chain.refresh, chain.candidate) = (None, None, None);
                chain.status = ChainStatus::Revoked;
                chain.doubt = false;
            }
        }
        chain.holder = None;
        assert_eq!(released, Released::Done(chain.status));
    }

    async fn open(&mut self) {
        let tokens = opening(1, 1, self.clock);
        let kept = self.store.remember_tokens(&tokens).await.unwrap();
        // A portal that is there, and whose chain is not, has left.
        let Some(chain) = &mut self.chain else {
            assert!(!kept, "tokens of a portal that left were kept");
            return;
        };
        assert!(kept);
        // Each opening's token runs out later than all before.
        chain.access = Some(tokens.access.expose_secret().to_owned());
        chain.candidate = tokens
            .candidate
            .map(|token| token.expose_secret().to_owned());
        chain.status = ChainStatus::Active;
        if chain.holder.is_none_or(|(_, lasts)| !lasts) {
            chain.doubt = false;
        }
    }

    async fn leave(&mut self, clean: bool) {
        let now = at(self.clock);
        let leaving = Leaving {
            clean,
            lost: false,
            installs: None,
            at: now,
            now,
        };
        let left = self.store.uninstall(&member(1), &leaving).await.unwrap();
        assert_eq!(left.was_installed, self.chain.take().is_some());
    }

    async fn install(&mut self) {
        let seen = seen(1, "p1.bitrix24.ru", self.clock);
        self.store.remember_opening(&seen).await.unwrap();
        if self.chain.is_some() {
            return self.open().await;
        }
        let tokens = opening(1, 1, self.clock);
        assert!(self.store.remember_tokens(&tokens).await.unwrap());
        self.chains += 1;
        self.chain = Some(Expected {
            status: ChainStatus::Active,
            generation: 1,
            doubt: false,
            access: Some(tokens.access.expose_secret().to_owned()),
            refresh: None,
            candidate: tokens
                .candidate
                .map(|token| token.expose_secret().to_owned()),
            holder: None,
        });
    }

    async fn compare(&self) {
        let found = self.store.chain(&member(1), 1).await.unwrap();
        assert_eq!(found.is_some(), self.chain.is_some());
        let (Some(found), Some(chain)) = (found, &self.chain) else {
            return;
        };
        let access = found.access.map(|token| token.expose_secret().to_owned());
        assert_eq!(access, chain.access);
        assert_eq!(found.generation, chain.generation);
        assert_eq!(found.status, chain.status);
        assert_eq!(found.has_refresh, chain.refresh.is_some());
        assert_eq!(found.has_candidate, chain.candidate.is_some());
        let findings = self.store.verify().await.unwrap();
        assert!(findings.is_empty(), "{findings:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rel_10_no_history_stores_a_pair_of_who_was_overtaken_or_loses_the_only_good_one(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.take(step).await;
            }
        });
    }
}
