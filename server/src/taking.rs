//! What rooms take out of a request, where anything may stand in it. Nothing of a library's own words
//! about it gets into an answer (SEC-52).

use std::convert::Infallible;

use axum::Form;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, RawForm, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;

/// The names in a path, where they are text; otherwise empty ones, of which there is nothing. So
/// whoever asks for them is answered as for any name that is not known.
pub(crate) struct Named<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Named<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Default + Send,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::from_request_parts(parts, state).await;
        Ok(path.map_or_else(|_| Self(T::default()), |Path(names)| Self(names)))
    }
}

/// The parameters of an address; as good as none where they cannot be read.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Parameters<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Default,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let query = Query::from_request_parts(parts, state).await;
        Ok(query.map_or_else(|_| Self(T::default()), |Query(values)| Self(values)))
    }
}

/// A form of a page of ours. What cannot be one is refused with a status alone.
pub(crate) struct Posted<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Posted<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(form)| Self(form))
            .map_err(|rejection| rejection.into_response().status())
    }
}

/// The same, left to be read.
pub(crate) struct PostedRaw(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for PostedRaw {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let form = RawForm::from_request(request, state).await;
        form.map(|RawForm(form)| Self(form))
            .map_err(|rejection| rejection.into_response().status())
    }
}
