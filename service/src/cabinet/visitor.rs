//! Who sends a request.

use std::net::IpAddr;

/// A request of a browser, as far as limits and records need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Where it comes from.
    pub ip: IpAddr,
    /// What the browser calls itself.
    pub agent: String,
}
