//! Limits of an account that several processes keep together (REL-15).

use std::time::Duration;

use async_trait::async_trait;

/// How fast an account may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests that may go out at once after a silence.
    pub burst: u32,
    /// The time in which one more request becomes allowed.
    pub refill: Duration,
}

/// What is to be done before a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Send it; a place was taken.
    Go,
    /// Wait and ask again; no place was taken.
    Wait(Duration),
}

/// The limits of accounts over all processes that call them.
#[async_trait]
pub trait SharedPace: Send + Sync {
    /// Asks for a place for one request with these methods (the inner ones of a batch) to
    /// `account`, named by its address. Where the common memory is not to be had, each process
    /// keeps to its own limits: then this says [`Turn::Go`].
    async fn turn(&self, account: &str, methods: &[String], rate: Rate) -> Turn;

    /// Notes that `account` refuses `method` for `time`; an empty method stands for all of them.
    async fn block(&self, account: &str, method: &str, time: Duration);
}

/// Every process keeps to its own limits; right where there is one process.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnPace;

#[async_trait]
impl SharedPace for OwnPace {
    async fn turn(&self, _account: &str, _methods: &[String], _rate: Rate) -> Turn {
        Turn::Go
    }

    async fn block(&self, _account: &str, _method: &str, _time: Duration) {}
}
