//! What stands at each address: the portal that lives there, a sign to where it has gone, or
//! nobody.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use crate::addresses::Tenant;
use crate::clock;
use crate::envelope::text_response;
use crate::http::Line;
use crate::log::{AuthKind, RequestLogEntry};
use crate::portal::Portal;
use crate::shared::Shared;

/// One address.
#[derive(Clone)]
pub(crate) struct Front {
    /// Its place in the address book.
    pub(crate) index: usize,
    pub(crate) shared: Arc<Shared>,
    /// Every portal with its routes, by number.
    pub(crate) portals: Arc<Vec<(Arc<Portal>, Router)>>,
}

/// Lets whoever lives here answer.
pub(crate) async fn serve(
    State(front): State<Front>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let is_control = request.uri().path().starts_with("/__control/");
    match front.shared.addresses.tenant_at(front.index) {
        Tenant::Portal(number) => front.ask(number, request).await,
        Tenant::Former(number) if is_control => front.ask(number, request).await,
        Tenant::Former(number) => sign(&front.portals[number - 1].0, &request),
        Tenant::Nobody => {
            line.cut();
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

impl Front {
    async fn ask(&self, number: usize, request: Request) -> Response {
        let router = self.portals[number - 1].1.clone();
        match router.oneshot(request).await {
            Ok(response) => response,
            Err(impossible) => match impossible {},
        }
    }
}

/// 302 with a page, and a line in the portal's log.
fn sign(portal: &Portal, request: &Request) -> Response {
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let host = request.headers().get(header::HOST);
    if let Some(method) = request.uri().path().strip_prefix("/rest/") {
        portal.log().push(RequestLogEntry {
            time: clock::iso(clock::now()),
            http_method: request.method().to_string(),
            rest_method: method.rsplit('/').next().unwrap_or(method).to_owned(),
            inner_methods: Vec::new(),
            auth: AuthKind::None,
            user_id: None,
            role: None,
            status: 302,
            error: None,
            duration_ms: 0,
            host: host
                .and_then(|host| host.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
        });
    }
    let page = "<html><body>Портал переехал</body></html>".to_owned();
    let mut response = text_response(302, "text/html; charset=utf-8", page);
    if let Ok(location) = HeaderValue::from_str(&format!("{}{path}", portal.base_url())) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
