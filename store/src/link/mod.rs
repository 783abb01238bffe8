//! Links between portals and cabinets. Whatever a cabinet is shown of a portal is asked for together
//! with its link, so that nothing is served after the link has ended (SEC-24, 77).
//!
//! Whatever changes links or snapshots keeps the portal's row first, so that nobody keeps a snapshot
//! of a portal whose last link is ended at that moment, and the account's next.

mod arranging;
mod changing;
mod ending;
mod showing;

pub use arranging::Arrangement;
pub use changing::{Grant, Linking};
pub use showing::{LinkedPortal, PortalLink};
