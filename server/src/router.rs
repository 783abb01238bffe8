//! Which address is answered by which room, and what every answer has in common.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use crmap_app::document::Operator;
use crmap_service::Services;
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::front::Front;
use crate::site::Site;
use crate::{embedded, events, install, legal, outside};

/// The largest body of any request (SEC-01 for openings; server functions need less).
const LARGEST_BODY: usize = 64 * 1024;
/// The longest that a request may take: a reading waits 20 s at a time.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// Built files carry a hash of their content in their names.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

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
}

/// The whole server.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(pages(&app))
        .merge(files(&app.site))
        .merge(functions(app))
        .layer(
            ServiceBuilder::new()
                .layer(set(
                    header::X_CONTENT_TYPE_OPTIONS,
                    HeaderValue::from_static("nosniff"),
                ))
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::REFERRER_POLICY,
                    HeaderValue::from_static("no-referrer"),
                ))
                // Whatever does not say that it may be kept is not to be kept.
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::CACHE_CONTROL,
                    NO_STORE,
                ))
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    LONGEST_REQUEST,
                ))
                .layer(RequestBodyLimitLayer::new(LARGEST_BODY)),
        )
}

/// Pages. Portals post across sites, so their address stands outside the CSRF layer; an opening is
/// let in by its proof alone.
fn pages(app: &App) -> Router {
    Router::new()
        .route("/bitrix/app", post(embedded::open).get(outside::page))
        .route("/bitrix/install", post(install::begin).get(outside::page))
        .route("/bitrix/events", post(events::receive).get(outside::page))
        .route("/legal/{name}", get(legal::page))
        .route("/", get(outside::page))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app.clone())
}

/// What our own pages post: the server functions, each at its own address, and the installer's form.
fn functions(app: App) -> Router {
    server_fn_paths()
        .fold(Router::new(), |router, (path, _method)| {
            router.route(path, post(call))
        })
        .route("/bitrix/install/complete", post(install::complete))
        .layer(from_fn(says_where_from))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

async fn call(State(app): State<App>, request: Request) -> Response {
    let services = app.services;
    leptos_axum::handle_server_fns_with_context(
        move || provide_context(Arc::clone(&services)),
        request,
    )
    .await
    .into_response()
}

/// Whether this process can do its work: the database answers.
async fn ready(State(app): State<App>) -> Response {
    match app.services.is_ready().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database is not to be had\n",
            )
                .into_response()
        }
    }
}

/// Every browser says of a post where it comes from, which the CSRF layer has judged; what says
/// nothing, which that layer lets through, is no call of our pages (SEC-45).
async fn says_where_from(request: Request, next: Next) -> Response {
    let says = |name: &&str| request.headers().contains_key(*name);
    let is_silent = !["sec-fetch-site", "origin"].iter().any(says);
    if is_silent && !request.method().is_safe() {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
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

fn set(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, value)
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404\n").into_response()
}
