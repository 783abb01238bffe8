//! An event as it goes over the wire: an urlencoded form with PHP's brackets, every scalar a string
//! (§1.6, §1.7).

use serde_json::{Value, json};

use crate::bindings::EventHandler;
use crate::portal::Portal;
use crate::tokens::{Issue, LIFETIME, TokenPair};

/// The user whose doing an event is when nobody else is named.
const ADMINISTRATOR: u32 = 1;

/// One event for one handler.
pub(super) struct Letter<'a> {
    portal: &'a Portal,
    event: &'a str,
    data: &'a Value,
    handler_id: Option<u32>,
    tokens: Option<(u32, TokenPair)>,
    pub(super) application_token: Option<String>,
}

impl<'a> Letter<'a> {
    /// An event without tokens, as all that outlive the application's rights.
    pub(super) fn new(portal: &'a Portal, event: &'a str, data: &'a Value) -> Self {
        Self {
            portal,
            event,
            data,
            handler_id: None,
            tokens: None,
            application_token: Some(portal.application_token()),
        }
    }

    /// An event for a handler, with the tokens that belong to it.
    pub(super) fn to(
        portal: &'a Portal,
        handler: &EventHandler,
        event: &'a str,
        data: &'a Value,
    ) -> Self {
        let mut letter = Self::new(portal, event, data);
        match event {
            "ONAPPUNINSTALL" => {}
            "ONAPPPAYMENT" => letter.application_token = None,
            _ => {
                let user = match handler.auth_type {
                    0 => ADMINISTRATOR,
                    user => user,
                };
                let shared = portal.shared();
                let holder = portal.holder(user);
                let pair = shared
                    .tokens
                    .issue(holder, Issue::Event, shared.timestamp());
                letter.tokens = Some((user, pair));
            }
        }
        if !event.starts_with("ONAPP") {
            letter.handler_id = Some(handler.id);
        }
        letter
    }

    pub(super) fn write(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let mut put = |name: &str, value: &Value| flatten(&mut form, name, value);
        put("event", &json!(self.event));
        if let Some(id) = self.handler_id {
            put("event_handler_id", &json!(id));
        }
        put("data", self.data);
        put("ts", &json!(self.portal.shared().timestamp()));
        put("auth", &self.auth());
        form.finish()
    }

    fn auth(&self) -> Value {
        let shared = self.portal.shared();
        let mut auth = json!({
            "domain": self.portal.domain(),
            "client_endpoint": self.portal.client_endpoint(),
            "server_endpoint": format!("{}/rest/", shared.oauth_url),
            "member_id": self.portal.member_id(),
        });
        if let Some((user, pair)) = &self.tokens {
            auth["access_token"] = json!(pair.access);
            auth["expires"] = json!(pair.expires_at);
            auth["expires_in"] = json!(LIFETIME);
            auth["scope"] = json!(shared.app.scope);
            auth["status"] = json!("F");
            auth["user_id"] = json!(user);
            if matches!(self.event, "ONAPPINSTALL" | "ONAPPUPDATE") {
                auth["refresh_token"] = json!(pair.refresh);
            }
        }
        if let Some(token) = &self.application_token {
            auth["application_token"] = json!(token);
        }
        auth
    }
}

fn flatten(form: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, member)| flatten(form, &format!("{name}[{key}]"), member)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| flatten(form, &format!("{name}[{index}]"), item)),
        Value::String(text) => {
            form.append_pair(name, text);
        }
        Value::Null => {
            form.append_pair(name, "");
        }
        other => {
            form.append_pair(name, &other.to_string());
        }
    }
}
