//! A panic ends the one thing that it happened in, is counted, and is told by its place alone
//! (REL-12, SEC-37): its words may be a portal's.

use std::any::Any;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use crmap_crm::Figure;
use metrics::counter;

/// Panics, wherever they were contained.
pub(crate) const PANICS: Figure = Figure::counter(
    "crmap_panics_total",
    "Panics, wherever they were contained: faults of this program.",
);

/// From now on panics are counted and logged instead of printed.
pub fn watch() {
    std::panic::set_hook(Box::new(|panic| {
        counter!(PANICS.name).increment(1);
        let place = panic.location();
        let (file, line) = place.map_or(("", 0), |place| (place.file(), place.line()));
        tracing::error!(code.file = file, code.line = line, "something panicked");
    }));
}

/// What whoever asked is answered.
pub(crate) fn answer(_words: Box<dyn Any + Send>) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "500\n").into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::routing::get;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn broken() -> &'static str {
        panic!("the words of a portal")
    }

    /// On one thread, whose recorder counts.
    #[tokio::test]
    async fn rel_12_a_panic_is_answered_without_its_words_and_counted() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _counts = metrics::set_default_local_recorder(&recorder);
        watch();
        let router = Router::new()
            .route("/", get(broken))
            .layer(CatchPanicLayer::custom(answer));
        for _ in 0..2 {
            let asked = Request::get("/").body(Body::empty()).unwrap();
            let told = router.clone().oneshot(asked).await.unwrap();
            assert_eq!(told.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = to_bytes(told.into_body(), 1_024).await.unwrap();
            assert_eq!(&*body, b"500\n");
        }
        let _ = std::panic::take_hook();
        let told = recorder.handle().render();
        assert!(told.contains("crmap_panics_total 2"), "{told}");
    }
}
