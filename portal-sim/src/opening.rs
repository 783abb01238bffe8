//! The form that a portal posts when a user opens the application (§1.3).

use serde_json::{Value, json};

use crate::portal::Portal;
use crate::tokens::{LIFETIME, app_sid};

/// Where on the portal the application opens.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) code: String,
    /// `PLACEMENT_OPTIONS`; none on the application's own page.
    pub(crate) options: Option<Value>,
}

impl Place {
    /// The application's own page.
    pub(crate) fn own_page() -> Self {
        Self {
            code: "DEFAULT".to_owned(),
            options: None,
        }
    }

    /// A placement on the page of that path.
    pub(crate) fn of(placement: &str, path: &str) -> Self {
        Self {
            code: placement.to_owned(),
            options: Some(json!({"URI": path})),
        }
    }
}

/// One opening: new tokens, new `APP_SID`.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) app_sid: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Vec<(&'static str, String)>,
}

impl Opening {
    pub(crate) fn new(portal: &Portal, user: u32, language: &str, place: &Place) -> Self {
        let app_sid = app_sid();
        let tokens = portal.issue_tokens(user);
        let shared = portal.shared();
        let protocol = if shared.scheme == "https" { "1" } else { "0" };
        let query = vec![
            ("DOMAIN", portal.domain()),
            ("PROTOCOL", protocol.to_owned()),
            ("LANG", language.to_owned()),
            ("APP_SID", app_sid.clone()),
        ];
        let mut body = vec![
            ("AUTH_ID", tokens.access),
            ("AUTH_EXPIRES", LIFETIME.to_string()),
            ("REFRESH_ID", tokens.refresh),
            ("SERVER_ENDPOINT", format!("{}/rest/", shared.oauth_url)),
            ("APPLICATION_TOKEN", portal.application_token()),
            ("APPLICATION_SCOPE", shared.app.scope.clone()),
            ("member_id", portal.member_id().to_owned()),
            ("status", "F".to_owned()),
            ("PLACEMENT", place.code.clone()),
        ];
        if let Some(options) = &place.options {
            body.push(("PLACEMENT_OPTIONS", options.to_string()));
        }
        Self {
            app_sid,
            query,
            body,
        }
    }
}

/// Pairs as an urlencoded text.
pub(crate) fn encode(pairs: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
