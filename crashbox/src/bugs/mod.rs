//! Faults that the crash tests must catch: each changes a step or two of the refresh protocol, or of
//! readings, and leaves the rest to the honest parts.

mod believe_anybody;
mod lose_rows;
mod no_fence;
mod no_spill;
mod own_clock;
mod resurrect;
mod short_lease;
mod twist;
mod use_before_commit;

use std::sync::Arc;

use clap::ValueEnum;
use crmap_crm::CrmConnector;
use crmap_service::Vault;
use crmap_store::Store;

pub(crate) use twist::{Twist, Twisted};

use crate::Options;
use crate::recorder::Recorder;

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bug {
    /// Whoever was overtaken stores its pair all the same.
    NoFence,
    /// A pair is used while it is still on its way into the database.
    UseBeforeCommit,
    /// Pairs are not written to the local journal, nor is room made for them.
    NoSpill,
    /// A lease runs out while its holder still waits for the authority.
    ShortLease,
    /// A pair for a chain that is gone brings chain and portal back.
    Resurrect,
    /// Whose tokens the authority's answer holds is not looked at.
    BelieveAnybody,
    /// A portal is read although somebody else has the right to.
    IgnoreReadingLease,
    /// The end of a lease is reckoned by the clock of the process that takes it.
    LeaseByOwnClock,
    /// What could not be read of a list is left out, and nobody is told.
    LoseRows,
}

impl Bug {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFence => "no-fence",
            Self::UseBeforeCommit => "use-before-commit",
            Self::NoSpill => "no-spill",
            Self::ShortLease => "short-lease",
            Self::Resurrect => "resurrect",
            Self::BelieveAnybody => "believe-anybody",
            Self::IgnoreReadingLease => "ignore-reading-lease",
            Self::LeaseByOwnClock => "lease-by-own-clock",
            Self::LoseRows => "lose-rows",
        }
    }
}

/// The parts of the protocol, with the fault in one of them.
pub(crate) struct Spoilt {
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) connector: Arc<dyn CrmConnector>,
}

/// Puts the fault in.
pub(crate) fn spoil(
    options: &Options,
    recorder: Arc<Recorder>,
    connector: Arc<dyn CrmConnector>,
    store: &Arc<Store>,
) -> Spoilt {
    let vault = recorder.into_vault();
    let vault: Arc<dyn Vault> = match options.bug {
        None | Some(Bug::IgnoreReadingLease) => vault,
        Some(Bug::LoseRows) => {
            let connector = Arc::new(lose_rows::LosingRows(connector));
            return Spoilt { vault, connector };
        }
        Some(Bug::LeaseByOwnClock) => {
            let ahead = options.clock_ahead;
            Arc::new(Twisted(own_clock::OwnClock { vault, ahead }))
        }
        Some(Bug::NoFence) => Arc::new(Twisted(no_fence::NoFence(vault))),
        Some(Bug::NoSpill) => Arc::new(Twisted(no_spill::NoSpill(vault))),
        Some(Bug::ShortLease) => Arc::new(Twisted(short_lease::ShortLease(vault))),
        Some(Bug::Resurrect) => {
            let resurrect = resurrect::Resurrect::new(vault, Arc::clone(store));
            Arc::new(Twisted(resurrect))
        }
        Some(Bug::UseBeforeCommit) => {
            Arc::new(Twisted(use_before_commit::UseBeforeCommit::new(vault)))
        }
        Some(Bug::BelieveAnybody) => return believe_anybody::spoilt(vault, connector),
    };
    Spoilt { vault, connector }
}
