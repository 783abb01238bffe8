//! `/legal/*`: the licence, what happens to personal data, what a security team asks, how to
//! get help, and where to report a vulnerability.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crmap_app::document::Operator;
use crmap_app::document::{self, Legal};
use crmap_domain::Lang;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, Time};

use crate::cabinet::Browser;
use crate::csp::Framing;
use crate::page::html;
use crate::router::App;
use crate::taking::{Named, Parameters};

const TEXT: (HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
/// For how many days `security.txt` may be relied on.
const GOOD_FOR: Duration = Duration::days(180);

/// The language that was chosen, if any.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice {
    lang: Option<String>,
}

impl Choice {
    /// The language, where one was chosen.
    pub(crate) fn lang(&self) -> Option<Lang> {
        self.lang.as_deref().map(Lang::for_portal)
    }
}

/// One of the pages, in the language of the address, or else in the one that was chosen or is preferred.
pub(crate) async fn page(
    State(app): State<App>,
    Named(name): Named<String>,
    browser: Browser,
    Parameters(choice): Parameters<Choice>,
) -> Response {
    let kind = match name.as_str() {
        "license" => Legal::License,
        "privacy" => Legal::Privacy,
        "security" => Legal::Security,
        "support" => Legal::Support,
        _ => return (StatusCode::NOT_FOUND, "404\n").into_response(),
    };
    let lang = choice.lang().unwrap_or(browser.lang);
    html(StatusCode::OK, &app, Framing::Nobody, |frame| {
        document::legal(kind, lang, browser.theme, &app.operator, frame)
    })
}

/// `/.well-known/security.txt` (RFC 9116): where to report a vulnerability.
pub(crate) async fn security_txt(State(app): State<App>) -> Response {
    ([TEXT], contact(&app.operator, app.services.now())).into_response()
}

/// The file of whoever runs this CRMAP, as of `now`.
fn contact(operator: &Operator, now: OffsetDateTime) -> String {
    let Operator { email, site, .. } = operator;
    let until = (now + GOOD_FOR).replace_time(Time::MIDNIGHT);
    let until = until.format(&Rfc3339).unwrap_or_default();
    let languages = Lang::ALL.map(Lang::code).join(", ");
    format!(
        "Contact: mailto:{email}\nExpires: {until}\nPreferred-Languages: {languages}\n\
         Canonical: {site}/.well-known/security.txt\nPolicy: {site}/legal/security\n"
    )
}

/// Russian unless the browser names another language first.
pub(crate) fn preferred(headers: &HeaderMap) -> Lang {
    let first = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split([',', ';', '-']).next())
        .map(str::trim)
        .filter(|lang| !lang.is_empty() && *lang != "*");
    first.map_or(Lang::Ru, Lang::for_portal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn who_finds_a_vulnerability_reads_where_to_report_it_and_until_when_that_holds() {
        let operator = Operator {
            name: "Example".to_owned(),
            email: "security@crmap.example".to_owned(),
            site: "https://crmap.example".to_owned(),
        };
        let text = contact(&operator, datetime!(2026-11-25 22:59 UTC));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "Contact: mailto:security@crmap.example",
                "Expires: 2027-05-24T00:00:00Z",
                "Preferred-Languages: ru, en",
                "Canonical: https://crmap.example/.well-known/security.txt",
                "Policy: https://crmap.example/legal/security",
            ]
        );
    }
}
