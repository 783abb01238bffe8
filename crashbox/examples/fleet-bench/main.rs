//! How long it takes to read many linked portals, and what it costs. The simulated cloud runs in a
//! process of its own, so that the figures are CRMAP's alone.
//!
//! ```text
//! cargo run --release -p crmap-crashbox --example fleet-bench -- --portals 500 --latency 100
//! ```
//!
//! Prints a line for each figure: its name and its value. Portals are installed and linked by the use
//! cases, read by a run, changed nothing, and read once more.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on may stop at once"
)]

mod cloud;
mod machine;
mod meter;

use std::process::Stdio;
use std::time::Duration;

use clap::Parser;
use crmap_domain::cabinet::RunOf;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use cloud::{Opened, Setup};
use machine::Machine;
use meter::Meter;

#[derive(Debug, Parser)]
struct Options {
    /// How many portals.
    #[arg(long, default_value_t = 500)]
    portals: usize,
    /// Milliseconds that every answer of a portal is delayed by.
    #[arg(long, default_value_t = 100)]
    latency: u64,
    /// The worlds of the portals: demo, large, empty or a number.
    #[arg(long, default_value = "demo")]
    seed: String,
    /// An empty database, which stays; a new SQLite file without it, which does not.
    #[arg(long)]
    database_url: Option<String>,
    /// Print the keys that the database is sealed with, for a server to be started over it.
    #[arg(long)]
    keys: bool,
    /// Be the simulated cloud.
    #[arg(long, hide = true)]
    cloud: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if options.cloud {
        cloud::serve(&options).await;
        return;
    }
    if options.keys {
        println!("{}", machine::keys().to_text().as_str().trim());
        return;
    }
    let (_cloud, setup) = start_cloud(&options).await;
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", folder.path().join("crmap.db").display());
    let url = options.database_url.clone().unwrap_or(file);
    let machine = Machine::start(&url, folder.path(), &setup.oauth).await;
    let meter = Meter::start();
    let owner = machine.owner().await;
    machine.link_all(&owner, setup.portals).await;
    figure("linked_seconds", meter.seconds());

    let (stop, stopped) = watch::channel(false);
    let work = tokio::spawn(std::sync::Arc::clone(&machine.services).work(stopped));
    read_all(&machine, &owner, options.portals, "read").await;
    let before = machine::stored_bytes(&url).await;
    read_all(&machine, &owner, options.portals, "unchanged").await;
    let growth = machine::stored_bytes(&url).await - before;
    figure("stored_bytes", before as f64);
    figure(
        "unchanged_bytes_per_reading",
        growth as f64 / options.portals as f64,
    );
    stop.send_replace(true);
    work.await.unwrap();
}

/// Has all portals read, and prints what that took.
async fn read_all(machine: &Machine, owner: &machine::Owner, portals: usize, name: &str) {
    // What was read within the last half minute would not be read again.
    machine.clock.pass(Duration::from_secs(60));
    let meter = Meter::start();
    let services = &machine.services;
    services
        .start_run(&owner.entered, RunOf::All)
        .await
        .unwrap();
    let done = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let progress = services
            .run_progress(&owner.entered)
            .await
            .unwrap()
            .unwrap();
        if progress.finished_at.is_some() {
            break progress;
        }
    };
    assert_eq!(done.read as usize, portals, "{:?}", done.failed);
    services
        .put_run_away(&owner.entered, &done.id)
        .await
        .unwrap();
    figure(&format!("{name}_seconds"), meter.seconds());
    let cpu = meter.cpu_ms() / portals as f64;
    figure(&format!("{name}_cpu_ms_per_portal"), cpu);
    figure(&format!("{name}_peak_mb"), Meter::peak_mb());
}

fn figure(name: &str, value: f64) {
    println!("{name} {value:.3}");
}

/// The cloud's process, which ends with this one, and what it said.
async fn start_cloud(options: &Options) -> (Child, Setup) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("--cloud")
        .args(["--portals", &options.portals.to_string()])
        .args(["--latency", &options.latency.to_string()])
        .args(["--seed", &options.seed])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let oauth = lines.next_line().await.unwrap().unwrap();
    let mut portals: Vec<Opened> = Vec::new();
    while portals.len() < options.portals {
        let line = lines.next_line().await.unwrap().unwrap();
        portals.push(serde_json::from_str(&line).unwrap());
    }
    (child, Setup { oauth, portals })
}
