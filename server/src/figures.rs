//! Figures of the running process for Prometheus, on a listener of their own that is for operators
//! alone (`CRMAP_METRICS_LISTEN`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use crmap_service::Services;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::door::{self, Manners};

/// Bounds of the counted spans, in seconds.
const SECONDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];
/// How often spans that were counted are put into their places.
const UPKEEP: Duration = Duration::from_secs(5);
/// What Prometheus takes the text for.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Begins to count; gives what the figures are read from. What was counted before is lost.
///
/// # Errors
/// Where somebody counts already.
pub(crate) fn begin() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("figures cannot be counted")
}

/// Shows the figures at `listen` until the process stops.
///
/// # Errors
/// Where the address cannot be listened on.
pub(crate) async fn show(
    listen: SocketAddr,
    figures: PrometheusHandle,
    services: Arc<Services>,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} (CRMAP_METRICS_LISTEN) cannot be listened on"))?;
    let listen = listener.local_addr().unwrap_or(listen);
    tracing::info!(%listen, "figures are shown at /metrics");
    let kept = figures.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    let text = move || text(figures.clone(), Arc::clone(&services));
    let router = Router::new().route("/metrics", get(text));
    let manners = Manners {
        most: 16,
        drain: Duration::from_secs(1),
        ..Manners::default()
    };
    tokio::spawn(async move {
        let stop = async {
            // Whoever could tell it to stop is gone with the process.
            let _ = stopped.wait_for(|told| *told).await;
        };
        door::serve(listener, router, manners, stop).await;
    });
    Ok(())
}

async fn text(figures: PrometheusHandle, services: Arc<Services>) -> impl IntoResponse {
    services.count_what_waits().await;
    ([(header::CONTENT_TYPE, TEXT)], figures.render())
}
