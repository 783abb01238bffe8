//! A simulated cloud, a database and processes over both, and the judgement on what they did.

mod base;
mod chance;
mod crash;
mod door;
mod fleet;
mod forks;
mod judge;
mod patience;
mod scene;
mod violation;
mod worker;

pub use base::{Base, Kind};
pub use chance::{Chance, number_from};
pub use crash::{Crash, kill_in_refresh, kill_some_time};
pub use fleet::Fleet;
pub use forks::close;
pub use judge::{newest_access, presented, served, unstored};
pub use patience::patiently;
pub use scene::{Person, Scene};
pub use violation::Violation;
pub use worker::{Signal, Worker, counts};
