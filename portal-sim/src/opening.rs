//! The form that a portal posts when a user opens the application (§1.3).

use crate::portal::Portal;
use crate::tokens::{LIFETIME, app_sid};

/// One opening: new tokens, new `APP_SID`.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) app_sid: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Vec<(&'static str, String)>,
}

impl Opening {
    pub(crate) fn new(portal: &Portal, user: u32, language: &str) -> Self {
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
        let body = vec![
            ("AUTH_ID", tokens.access),
            ("AUTH_EXPIRES", LIFETIME.to_string()),
            ("REFRESH_ID", tokens.refresh),
            ("SERVER_ENDPOINT", format!("{}/rest/", shared.oauth_url)),
            ("APPLICATION_TOKEN", portal.application_token()),
            ("APPLICATION_SCOPE", shared.app.scope.clone()),
            ("member_id", portal.member_id().to_owned()),
            ("status", "F".to_owned()),
            ("PLACEMENT", "DEFAULT".to_owned()),
        ];
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
