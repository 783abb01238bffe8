//! What the rooms need, and what all of their answers have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
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
use crate::routes;
use crate::site::Site;

/// The largest body of any request (SEC-01 for openings; server functions need less).
const LARGEST_BODY: usize = 64 * 1024;
/// The longest that a request may take: a reading waits 20 s at a time.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// Built files carry a hash of their content in their names.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

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
    let manner = Manner {
        secure: app.front.is_secure(),
    };
    let files = files(&app.site);
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
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    LONGEST_REQUEST,
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

fn files(site: &Site) -> Router {
    let hashed = Router::new()
        .nest_service(
            "/pkg",
            site.hashed_files().not_found_service(get(not_found)),
        )
        .layer(map_response(|response| kept(response, FOR_EVER)));
    let plain = Router::new()
        .fallback_service(site.files().not_found_service(get(not_found)))
        .layer(map_response(|response| kept(response, FOR_A_DAY)));
    hashed.merge(plain)
}

/// Files may be kept as `caching` says; that one is missing may not.
async fn kept(mut response: Response, caching: HeaderValue) -> Response {
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, caching);
    }
    response
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404\n").into_response()
}
