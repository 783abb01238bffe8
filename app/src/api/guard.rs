//! What every server function does before it does anything.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use crmap_domain::{Lang, MemberId, Trouble};
use crmap_service::{Outcome, Services, Session};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use crate::data::Content;
use crate::error::AppError;

/// The use cases and the session whose bearer the request shows.
pub(super) async fn session() -> Result<(Arc<Services>, Arc<Session>), AppError> {
    let services = expect_context::<Arc<Services>>();
    let headers: axum::http::HeaderMap = leptos_axum::extract()
        .await
        .map_err(|_| AppError::Internal)?;
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let found = match bearer {
        Some(bearer) => services.session(bearer).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(session)) => Ok((services, session)),
        Ok(None) => Err(refuse(StatusCode::UNAUTHORIZED, AppError::SessionOver)),
        Err(error) => {
            tracing::warn!(%error, "a session of a portal's page could not be looked up");
            let trouble = AppError::Portal(Trouble::StoreUnavailable);
            Err(refuse(StatusCode::SERVICE_UNAVAILABLE, trouble))
        }
    }
}

/// See [`super::renew_session`].
pub(super) async fn renew(
    access_token: String,
    member_id: &str,
    address: String,
    lang: Lang,
) -> Result<String, AppError> {
    use secrecy::{ExposeSecret, SecretString};

    const LONGEST: usize = 4096;
    let services = expect_context::<Arc<Services>>();
    let not_proved = || refuse(StatusCode::FORBIDDEN, AppError::Portal(Trouble::NotProved));
    let member_id = MemberId::parse(member_id).map_err(|_| not_proved())?;
    if access_token.is_empty() || access_token.len() > LONGEST || address.len() > LONGEST {
        return Err(not_proved());
    }
    let renewed = services
        .renew(SecretString::from(access_token), member_id, address, lang)
        .await;
    match renewed {
        Ok(bearer) => Ok(bearer.expose_secret().to_owned()),
        Err(error) => {
            tracing::info!(%error, "a session was not renewed");
            let trouble = error.trouble();
            let status = match trouble {
                Trouble::ProofUnavailable | Trouble::StoreUnavailable => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                _ => StatusCode::FORBIDDEN,
            };
            Err(refuse(status, AppError::Portal(trouble)))
        }
    }
}

/// A reading's outcome as pages take it.
#[must_use]
pub fn content_of(outcome: Outcome) -> Content {
    match outcome {
        Outcome::Read(specification) => Content::Read(specification),
        Outcome::Failed(trouble) => Content::Failed(trouble),
        Outcome::Pending => Content::Pending,
    }
}

fn refuse(status: StatusCode, error: AppError) -> AppError {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
    error
}
