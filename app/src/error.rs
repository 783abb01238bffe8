//! Errors of server functions on the wire: codes alone, never words from inside (SEC-52).

use crmap_domain::Trouble;
use crmap_domain::cabinet::Denial;
use leptos::prelude::FromServerFnError;
use leptos::server_fn::codec::PostcardEncoding;
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Serialize};

/// Why a server function did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// The bearer is missing, unknown or over.
    SessionOver,
    /// The portal or its authority stood in the way.
    Portal(Trouble),
    /// The server could not be reached, or its answer could not be understood.
    Connection,
    /// CRMAP failed inside.
    Internal,
}

/// On the server, whoever sends what cannot be understood is told that it is theirs to mend; no
/// status of ours says that of what failed inside.
#[cfg_attr(
    not(feature = "ssr"),
    expect(unused_variables, reason = "browsers only read answers")
)]
fn note(error: &ServerFnErrorErr) {
    #[cfg(feature = "ssr")]
    if matches!(
        error,
        ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
    ) && let Some(answer) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>()
    {
        answer.set_status(axum::http::StatusCode::BAD_REQUEST);
    }
}

impl FromServerFnError for AppError {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        note(&error);
        match error {
            ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Response(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Connection,
            _ => Self::Internal,
        }
    }
}

/// Why the cabinet did not do what it was asked, as server functions give it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Denied(pub Denial);

impl From<Denial> for Denied {
    fn from(denial: Denial) -> Self {
        Self(denial)
    }
}

impl FromServerFnError for Denied {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        note(&error);
        Self(match error {
            ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Response(_)
            | ServerFnErrorErr::Deserialization(_) => Denial::Connection,
            _ => Denial::Internal,
        })
    }
}
