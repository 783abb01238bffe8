//! A database for each test, of either kind, and short names for what tests say often.

mod base;
mod cabinets;
mod given;
mod linked;

pub use base::{Base, Kind, Random};
pub use cabinets::*;
pub use given::*;
pub use linked::*;

/// Each promise is tested on both databases.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($base:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn promise($base: crate::support::Base) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                promise(crate::support::Base::new(crate::support::Kind::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                promise(crate::support::Base::new(crate::support::Kind::Postgres).await).await;
            }
        }
    )+};
}
pub(crate) use on_both;
