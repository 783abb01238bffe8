//! What is measured. Each scene prints its figures and gives how many requests failed.

mod flood;
mod openings;
mod storm;
mod sync;
mod usual;

pub use flood::flood;
pub use openings::openings;
pub use storm::storm;
pub use sync::sync;
pub use usual::usual;
