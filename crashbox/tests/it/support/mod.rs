//! A simulated cloud, a database and processes over both, and the judgement on what they did.

mod base;
mod chance;
mod crash;
mod door;
mod fleet;
mod forks;
mod ills;
mod judge;
mod opening;
mod patience;
mod scene;
mod truth;
mod violation;
mod worker;

pub use base::{Base, Kind};
pub use chance::{Chance, number_from};
pub use crash::{Crash, kill_in_refresh, kill_some_time};
pub use fleet::Fleet;
pub use forks::close;
pub use ills::{Fate, Ill, Patient, forms};
pub use judge::{newest_access, presented, served, unstored};
pub use opening::keep_opening;
pub use patience::patiently;
pub use scene::{Person, Scene};
pub use truth::{is_true, is_true_in_part, told_secrets};
pub use violation::Violation;
pub use worker::{Signal, Worker, counts};
