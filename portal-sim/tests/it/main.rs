//! What the simulated cloud promises to those who test against it.

mod access;
mod batch;
mod client;
mod faults;
mod lists;
mod page;
mod worlds;
