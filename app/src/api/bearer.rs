//! The client that shows the page's bearer with each call. The bearer lives in memory alone: no
//! cookie, no storage, no address (SEC-40).

use std::future::Future;
use std::sync::Mutex;

use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::browser::BrowserResponse;

static BEARER: Mutex<String> = Mutex::new(String::new());

/// Sets what this page shows from now on.
pub fn set_bearer(bearer: &str) {
    let mut guard = BEARER
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    bearer.clone_into(&mut guard);
}

fn authorization() -> String {
    let bearer = BEARER
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    format!("Bearer {bearer}")
}

/// A browser client that adds `Authorization: Bearer …`.
pub struct BearerClient;

impl<E, InputError, OutputError> Client<E, InputError, OutputError> for BearerClient
where
    E: FromServerFnError,
    InputError: FromServerFnError,
    OutputError: FromServerFnError,
{
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, E>> + Send {
        request.headers().append("authorization", &authorization());
        <BrowserClient as Client<E, InputError, OutputError>>::send(request)
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (
                impl futures::Stream<Item = Result<bytes::Bytes, bytes::Bytes>> + Send + 'static,
                impl futures::Sink<bytes::Bytes> + Send + 'static,
            ),
            E,
        >,
    > + Send {
        <BrowserClient as Client<E, InputError, OutputError>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<E, InputError, OutputError>>::spawn(future);
    }
}
