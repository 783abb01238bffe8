//! What must not happen.

use crmap_store::ChainStatus;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The portal is not served by anybody's tokens.
    PortalLost { state: String, reason: String },
    /// A user's chain is not what it should be.
    ChainLost { user: i64, status: ChainStatus },
    /// A user's chain does not hold the newest pair that the authority gave.
    NotTheNewest { user: i64 },
    /// A chain stays in doubt.
    InDoubt,
    /// The portal is served although nobody's tokens can be good.
    Unexplained,
    /// An access token was used that the database never had, or did not have at that moment.
    Unstored { token: String },
    /// The authority was asked another number of times than it should have been.
    Asked { expected: usize, asked: usize },
    /// The authority refused tokens that it had taken before.
    Refused { count: usize },
    /// Tasks did not get what they wanted.
    TasksFailed { expected: usize, served: usize },
    /// The pair of a process that was overtaken was stored.
    StaleStored,
    /// What was removed is there again.
    Resurrected,
    /// Somebody else's pair was stored or used.
    Foreign,
    /// A portal was read by two at one time.
    ReadTwiceAtOnce { portal: usize, requests: usize },
    /// Portals of a run were not read.
    NotRead { read: u32, total: u32 },
    /// What is kept of a portal is not what the portal holds.
    Untrue { portal: usize },
    /// A reading did not come to what it should have.
    Otherwise {
        portal: usize,
        ill: &'static str,
        came: String,
    },
    /// Something is left that nobody will ever take up.
    Left { what: &'static str, count: i64 },
    /// A secret stands where it must not.
    Told { what: &'static str },
    /// A portal's token was shown to another portal.
    ShownToAStranger { portal: usize },
    /// An event was not acted upon exactly once.
    Event { number: u64, what: &'static str },
}
