//! What every answer tells browsers besides its content (SEC-41, SEC-47 to SEC-49).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::csp;

/// Addresses that portals show in their frames begin so.
const FRAMED: &str = "/bitrix/";
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// Two years, for names below ours too: CRMAP has a name of its own.
const HTTPS_ALONE: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
/// We copy to the clipboard and want nothing else of a browser.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), \
     clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), \
     geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
     keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), \
     otp-credentials=(), payment=(), picture-in-picture=(), publickey-credentials-create=(), \
     publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
     sync-xhr=(), usb=(), window-management=(), xr-spatial-tracking=()",
);

/// How browsers reach us, as far as it matters to the headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Whether they do so over https.
    pub(crate) secure: bool,
}

/// Adds to an answer, good or bad, what all have in common; what it says itself stands.
pub(crate) async fn dress(State(manner): State<Manner>, request: Request, next: Next) -> Response {
    let framed = request.uri().path().starts_with(FRAMED);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut usually = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    usually(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    usually(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    // Whatever does not say that it may be kept is not to be kept.
    usually(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    usually(header::CONTENT_SECURITY_POLICY, csp::OF_NO_PAGE);
    usually(RESOURCE_POLICY, SAME_ORIGIN);
    usually(PERMISSIONS_POLICY, PERMISSIONS);
    if manner.secure {
        usually(header::STRICT_TRANSPORT_SECURITY, HTTPS_ALONE);
    }
    if !framed {
        usually(OPENER_POLICY, SAME_ORIGIN);
        keep_out_of_frames(headers);
    }
    response
}

/// For browsers that do not know the policy's own words. Answers of framed addresses go without: it
/// knows nothing between everybody and nobody.
fn keep_out_of_frames(headers: &mut HeaderMap) {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy.and_then(|value| value.to_str().ok());
    if policy.is_some_and(csp::frames_nobody) {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
}

/// Of a form of a page without referrer, browsers say that its origin is `null`; a page whose form
/// has to be known for our own says more (SEC-45).
pub(crate) fn naming_its_origin(mut page: Response) -> Response {
    page.headers_mut()
        .insert(header::REFERRER_POLICY, SAME_ORIGIN);
    page
}

/// The answer to a log-out: the browser forgets what it has kept of us (SEC-61). Cookies, which hold
/// choices too, are cleared one by one.
#[must_use]
pub fn forgetting(mut answer: Response) -> Response {
    answer.headers_mut().insert(
        CLEAR_SITE_DATA,
        HeaderValue::from_static(r#""cache", "storage""#),
    );
    answer
}
