//! The command `crashbox`: one process for crash tests.

use std::io;

use clap::Parser;
use crmap_crashbox::Options;
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("warn,crmap_service=info,crmap_store=info"))
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
    crmap_crashbox::run(Options::parse()).await
}
