//! A load generator: the real server, a simulated cloud, and many visitors. See README.md.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on may stop at once"
)]

mod drive;
mod figures;
mod http;
mod scenes;
mod server;
mod town;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use town::Town;

/// What is measured, and how long.
#[derive(Debug, Clone, Parser)]
pub struct Options {
    /// The server's program.
    #[arg(long, default_value = "target/release/crmap")]
    pub crmap: PathBuf,
    /// The built site.
    #[arg(long, default_value = "dist/site")]
    pub site: PathBuf,
    /// An empty database; a new SQLite file without it.
    #[arg(long)]
    pub database_url: Option<String>,
    /// Which scenes; all when none is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub scene: Vec<Scene>,
    /// How long each of them lasts.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// How many portals there are.
    #[arg(long, default_value_t = 200)]
    pub portals: usize,
    /// How many browsers are logged in.
    #[arg(long, default_value_t = 500)]
    pub sessions: usize,
    /// Requests a second of the usual scene.
    #[arg(long, default_value_t = 300)]
    pub rate: u32,
    /// Openings a second.
    #[arg(long, default_value_t = 200)]
    pub openings: u32,
    /// Keep the server's log in this file.
    #[arg(long)]
    pub log: Option<PathBuf>,
}

/// A scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// REL-52.
    Sync,
    /// REL-50.
    Usual,
    /// REL-51.
    Openings,
    /// REL-53.
    Storm,
    /// REL-31.
    Flood,
}

impl Options {
    fn scenes(&self) -> Vec<Scene> {
        if self.scene.is_empty() {
            return Scene::value_variants().to_vec();
        }
        self.scene.clone()
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let town = Town::build(&options).await;
    let mut errors = 0;
    for scene in options.scenes() {
        errors += match scene {
            Scene::Sync => scenes::sync(&town).await,
            Scene::Usual => scenes::usual(&town, &options).await,
            Scene::Openings => scenes::openings(&town, &options).await,
            Scene::Storm => scenes::storm(&town, &options).await,
            Scene::Flood => scenes::flood(&town).await,
        };
    }
    town.end();
    if errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
