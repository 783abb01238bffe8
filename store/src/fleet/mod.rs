//! Portals that are read for their cabinets: who reads which at the moment, which are due, and the
//! readings of several portals that somebody asked for. It decides nothing: when a portal is due
//! again, and which one is not worth a try, is `service`'s.

mod due;
mod lease;
mod progress;
mod run;

pub use lease::{LastReading, ReadingAsked, ReadingEnd, ReadingLease, ReadingTurn};
pub use run::{RunSummary, TaskEnd, TaskLink, WaitingTask};
