//! The server as portals, browsers, attackers and operators meet it: the real router over the
//! simulated cloud, and the real binary. Names begin with the requirement that they prove.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on may stop at once"
)]

mod addresses;
mod arrows;
mod bare;
mod cabinet;
mod canary;
mod cookies;
mod door;
mod faults;
mod figures;
mod files;
mod functions;
mod fuzz;
mod headers;
mod house;
mod keeping;
mod lengths;
mod life;
mod logs;
mod mail;
mod malformed;
mod manual;
mod matrix;
mod opening;
mod operation;
mod operator;
mod outside;
mod packaging;
mod page_sessions;
mod portals;
mod proof;
mod restored;
mod rolling;
mod rooms;
mod sessions;
mod settings;
mod site;
mod smtp_sink;
mod spec;
mod support;
mod tools;
mod version;
mod visitor;
