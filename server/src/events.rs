//! `POST /bitrix/events`: a portal tells what has happened. The answer is the same whatever was
//! believed of it (SEC-15).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use crmap_bitrix::{Event, EventKind};
use crmap_service::{Notice, NoticeKind};

use crate::router::App;

/// Parses strictly, hands the notice over, and answers at once.
pub(crate) async fn receive(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let event = match Event::parse(content_type, &body) {
        Ok(event) => event,
        Err(error) => {
            tracing::info!(%error, "an event could not be understood");
            return (StatusCode::BAD_REQUEST, "");
        }
    };
    match app.services.receive(&notice(&event)).await {
        Ok(reception) => {
            tracing::info!(portal.member_id = %event.member_id, kind = ?event.kind, ?reception,
                "an event came");
            (StatusCode::OK, "")
        }
        Err(error) => {
            tracing::error!(%error, portal.member_id = %event.member_id, kind = ?event.kind,
                "an event could not be kept");
            (StatusCode::SERVICE_UNAVAILABLE, "")
        }
    }
}

fn notice(event: &Event) -> Notice {
    Notice {
        member_id: event.member_id.clone(),
        kind: match &event.kind {
            EventKind::Uninstalled { clean } => NoticeKind::Left { clean: *clean },
            EventKind::FieldsChanged { .. } => NoticeKind::FieldsChanged,
            EventKind::Installed | EventKind::Updated | EventKind::Payment => NoticeKind::Hint,
            EventKind::Other(_) => NoticeKind::Other,
        },
        application_token: event.application_token.clone(),
        sent_at: event.sent_at,
        digest: event.digest(),
    }
}
