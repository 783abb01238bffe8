//! `crmap serve`.

use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::Context as _;
use crmap_bitrix::{Bitrix24, Settings};
use crmap_service::Services;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogFormat, ServeOptions};
use crate::{App, OsEntropy, Site, SystemClock, router};

/// Serves until it is told to stop.
pub(crate) async fn serve(options: ServeOptions) -> anyhow::Result<()> {
    start_log(options.log_format);
    let site = Site::open(&options.site_dir)?;
    let settings = Settings {
        oauth_servers: options.bitrix_oauth_servers,
        allow_loopback: options.allow_loopback_portals,
        ..Settings::new(options.bitrix_client_id)
    };
    if settings.allow_loopback {
        tracing::warn!("portals on this machine itself are let in, without encryption");
    }
    let clock = Arc::new(SystemClock);
    let connector =
        Bitrix24::new(settings, clock.clone()).context("the connector does not start")?;
    let services = Services::new(
        Arc::new(connector),
        clock,
        Arc::new(OsEntropy),
        crmap_service::Settings::default(),
    );
    let app = App {
        services: Arc::new(services),
        site: Arc::new(site),
    };
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", options.listen))?;
    let listen = listener.local_addr().unwrap_or(options.listen);
    tracing::info!(%listen, "crmap is ready");
    axum::serve(listener, router(app))
        .with_graceful_shutdown(told_to_stop())
        .await
        .context("the server failed")
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match format {
        LogFormat::Human => log.with_writer(std::io::stderr).init(),
        LogFormat::Json => log.json().with_writer(std::io::stderr).init(),
    }
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "the signal to terminate cannot be heard; the interrupt still can");
            let _ = interrupted.await;
        }
    }
}
