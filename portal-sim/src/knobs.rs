//! Choices where reality is unknown or differs between versions; tests turn them while the cloud
//! runs.

use serde::{Deserialize, Serialize};

/// How the cloud behaves where our notes leave a choice. One set for the whole cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// What a refresh does to the refresh token that it was asked with (§2.4).
    pub rotation: Rotation,
    /// A wrong client is told so with `wrong_client` and HTTP 200, instead of 401 `invalid_client`
    /// (§2.5).
    pub wrong_client: bool,
    /// What the OAuth server says of a portal that has uninstalled the application (§2.5).
    pub uninstalled_oauth: UninstalledOauth,
    /// What the portal's REST says to a token that died with the application (§3.6).
    pub uninstalled_rest: UninstalledRest,
    /// The application token survives a new installation (§1.8: the documentation is silent).
    pub keep_application_token: bool,
    /// `ONAPPINSTALL` and `ONAPPUPDATE` tell of a finished installation (§1.7: hardly ever in
    /// reality).
    pub install_events: bool,
    /// A new version starts without the handlers of the former one (§1.9: the documentation
    /// contradicts itself).
    pub update_unbinds: bool,
}

/// What becomes of a used refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// It is refused from then on.
    #[default]
    Strict,
    /// It goes on to work until the pair that it brought is used for the first time.
    Lenient,
}

/// The OAuth server's word for an application that is not installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UninstalledOauth {
    /// 401 `NOT_INSTALLED`.
    #[default]
    NotInstalled,
    /// 401 `invalid_client`, the same as for a wrong secret.
    InvalidClient,
    /// 401 `PAYMENT_REQUIRED`, the same as for an ended subscription.
    PaymentRequired,
}

/// The portal's word for a token of an application that is not installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UninstalledRest {
    /// 401 `APPLICATION_NOT_FOUND`.
    #[default]
    ApplicationNotFound,
    /// 401 `ERROR_OAUTH`, "Application not installed".
    ErrorOauth,
    /// 401 `invalid_token`.
    InvalidToken,
    /// 401 `NO_AUTH_FOUND`, the same as for nonsense.
    NoAuthFound,
}
