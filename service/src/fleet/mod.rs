//! Portals that are read by themselves for the cabinets that they are linked to, and all at once when
//! somebody asks. Every reading for cabinets holds a lease on its portal, over all processes.

mod lanes;
mod reading;
mod runs;
mod schedule;
mod worker;

use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};

use lanes::Lanes;

pub(crate) use reading::Answered;
pub(crate) use schedule::{DEBOUNCE, FIRST_READING, after_success};

/// How many readings work with the database at one time: they must not take away the connections that
/// people wait for (REL-20), nor the memory to unpack and pack in.
const AT_THE_DATABASE: usize = 2;

/// How long the steps of a reading for cabinets may take.
#[derive(Debug, Clone, Copy)]
pub struct ReadingTimes {
    /// How long the right to read a portal lasts that is not prolonged: so long after its process
    /// died, another one may take the portal over, which is to be within 45 seconds (REL-11).
    pub lease: Duration,
    /// How often it is prolonged.
    pub heartbeat: Duration,
    /// How often somebody who waits for another process's reading looks at it.
    pub look: Duration,
    /// A portal that takes longer to answer is slow, and its reading leaves its place to the others.
    pub slow_after: Duration,
    /// How long the worker's readings may go on when the process is told to stop.
    pub grace: Duration,
}

impl Default for ReadingTimes {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(40),
            heartbeat: Duration::from_secs(12),
            look: Duration::from_millis(250),
            slow_after: Duration::from_secs(2),
            grace: Duration::from_millis(500),
        }
    }
}

/// Whose readings are to be broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stopping {
    /// All go on.
    Nobody,
    /// Those of the worker, which another process takes over.
    Worker,
    /// Also those that somebody waits for: nobody does any more.
    Everybody,
}

/// What all readings for cabinets of this process share.
pub(crate) struct Fleet {
    lanes: Lanes,
    desk: Semaphore,
    /// Wakes the worker when somebody has asked for readings.
    asked: Notify,
    /// Whose readings are to be broken off.
    stopping: watch::Sender<Stopping>,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        Self {
            lanes: Lanes::new(),
            desk: Semaphore::new(AT_THE_DATABASE),
            asked: Notify::new(),
            stopping: watch::Sender::new(Stopping::Nobody),
        }
    }

    /// The right to write a reading down, when it is one's turn. The semaphore is never closed.
    pub(crate) async fn desk(&self) -> Option<SemaphorePermit<'_>> {
        self.desk.acquire().await.ok()
    }
}
