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
use crmap_crm::{Figure, FigureKind};
use crmap_service::Services;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::door::{self, Manners};
use crate::panics::PANICS;
use crate::requests::{self, IN_FLIGHT, REQUESTS};

/// Bounds of the counted spans, in seconds.
const SECONDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];
/// How often spans that were counted are put into their places.
const UPKEEP: Duration = Duration::from_secs(5);
/// What Prometheus takes the text for.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Which program this is.
const BUILD: Figure = Figure::gauge(
    "crmap_build_info",
    "1, with the version of CRMAP and the kind of its database as labels.",
);

/// Every figure that there is.
pub fn all() -> impl Iterator<Item = Figure> {
    let of_server = [BUILD, PANICS, REQUESTS, IN_FLIGHT, requests::SECONDS];
    let others = [crmap_service::FIGURES, crmap_bitrix::FIGURES].concat();
    of_server.into_iter().chain(others)
}

/// Begins to count; gives what the figures are read from. What was counted before is lost.
///
/// # Errors
/// Where somebody counts already.
pub fn begin() -> anyhow::Result<PrometheusHandle> {
    let figures = PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("figures cannot be counted")?;
    for Figure { name, kind, help } in all() {
        match kind {
            FigureKind::Counter => metrics::describe_counter!(name, help),
            FigureKind::Gauge => metrics::describe_gauge!(name, help),
            FigureKind::Histogram => metrics::describe_histogram!(name, help),
        }
    }
    Ok(figures)
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
    let told = told(&figures, &services).await;
    ([(header::CONTENT_TYPE, TEXT)], told)
}

/// All figures, as Prometheus reads them.
pub async fn told(figures: &PrometheusHandle, services: &Services) -> String {
    services.count_what_waits().await;
    let database = services.kind_of_database();
    metrics::gauge!(BUILD.name, "version" => env!("CARGO_PKG_VERSION"), "database" => database)
        .set(1.0);
    figures.render()
}
