//! What the rooms need, and what all of their answers have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use crmap_app::document::Operator;
use crmap_export::{Form, OfMany};
use crmap_service::Services;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::front::Front;
use crate::headers::{Manner, dress};
use crate::requests::watch;
use crate::site::Site;
use crate::{cabinet, panics, routes};

/// The largest body of any request (SEC-01 for openings; server functions need less).
const LARGEST_BODY: usize = 64 * 1024;
/// The longest that a request may take: a reading waits 20 s at a time.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// What the rooms need.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub services: Arc<Services>,
    /// The built site.
    pub site: Arc<Site>,
    /// How browsers reach it.
    pub front: Arc<Front>,
    /// Who runs this CRMAP.
    pub operator: Arc<Operator>,
    /// Whether it is about to stop.
    pub leaving: Leaving,
}

/// Whether the process is about to stop: it still answers, but should be sent nobody any more.
#[derive(Debug, Clone, Default)]
pub struct Leaving(Arc<AtomicBool>);

impl Leaving {
    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The whole server.
pub fn router(app: App) -> Router {
    router_within(app, LONGEST_REQUEST)
}

/// The same with `longest` as the longest that a request may take, for those who cannot wait.
pub fn router_within(app: App, longest: Duration) -> Router {
    let manner = Manner {
        secure: app.front.is_secure(),
    };
    let files = app.site.router();
    let for_people = from_fn_with_state(app.clone(), cabinet::for_people);
    routes::table()
        .router()
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(compressible()),
        )
        .with_state(app)
        .merge(files)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(watch))
                .layer(from_fn_with_state(manner, dress))
                // Drawing a page about a panic can panic itself.
                .layer(CatchPanicLayer::custom(panics::answer))
                .layer(for_people)
                .layer(CatchPanicLayer::custom(panics::answer))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    longest,
                ))
                .layer(RequestBodyLimitLayer::new(LARGEST_BODY)),
        )
}

/// Archives and workbooks are compressed already, and are no smaller for being so twice.
fn compressible() -> impl Predicate {
    let of_files = [
        OfMany::Archive(Form::Xlsx).media_type(),
        OfMany::Workbook.media_type(),
    ];
    let [archive, workbook] = of_files.map(NotForContentType::const_new);
    DefaultPredicate::new().and(archive).and(workbook)
}
