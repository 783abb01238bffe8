//! What the portal answers: results and refusals in the envelope of the classic REST (§3.2).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::clock;
use crate::operating::Used;

/// The good end of a method call.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) result: Value,
    pub(crate) total: Option<usize>,
    pub(crate) next: Option<usize>,
    /// What the method has used up of its run time.
    pub(crate) used: Option<Used>,
}

impl Answer {
    pub(crate) fn of(result: Value) -> Self {
        Self {
            result,
            total: None,
            next: None,
            used: None,
        }
    }
}

/// The bad end of a method call: HTTP status, code and sentence (§3.6).
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, text: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            text: text.into(),
        }
    }

    pub(crate) fn access_denied() -> Self {
        Self::new(400, "ACCESS_DENIED", "Access denied.")
    }

    /// The body; the controllers' code 100 is a number, all others are strings.
    pub(crate) fn body(&self) -> Value {
        let code = if self.code == "100" {
            json!(100)
        } else {
            json!(self.code)
        };
        json!({"error": code, "error_description": self.text})
    }
}

/// How a method call ends.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// How the server's clock goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ServerClock {
    /// Seconds that it is ahead.
    pub(crate) ahead: i64,
    /// Answers have no `time`.
    pub(crate) hidden: bool,
}

/// The `time` block of an answer that began at `started` and is finished now; null when it is
/// hidden.
pub(crate) fn time_block(
    started: OffsetDateTime,
    used: Option<Used>,
    clock: &ServerClock,
) -> Value {
    if clock.hidden {
        return Value::Null;
    }
    let finished = clock::now();
    let duration = (finished - started).as_seconds_f64();
    let ahead = Duration::seconds(clock.ahead);
    let (started, finished) = (started + ahead, finished + ahead);
    let used = used.unwrap_or_else(|| Used {
        seconds: duration,
        reset_at: clock::now().unix_timestamp() + 600,
    });
    json!({
        "start": clock::seconds(started),
        "finish": clock::seconds(finished),
        "duration": duration,
        "processing": duration / 2.0,
        "date_start": clock::iso(started),
        "date_finish": clock::iso(finished),
        "operating_reset_at": used.reset_at + clock.ahead,
        "operating": used.seconds,
    })
}

/// The whole body of a successful call.
pub(crate) fn success(answer: Answer, started: OffsetDateTime, clock: &ServerClock) -> Value {
    let mut body = Map::new();
    body.insert("result".into(), answer.result);
    if let Some(next) = answer.next {
        body.insert("next".into(), json!(next));
    }
    if let Some(total) = answer.total {
        body.insert("total".into(), json!(total));
    }
    let time = time_block(started, answer.used, clock);
    if !time.is_null() {
        body.insert("time".into(), time);
    }
    Value::Object(body)
}

/// A JSON response; browsers of any origin may read it, as on a real portal (§6.5).
pub(crate) fn json_response(status: u16, body: &Value) -> Response {
    text_response(status, "application/json; charset=utf-8", body.to_string())
}

/// A response of any type.
pub(crate) fn text_response(status: u16, content_type: &'static str, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

/// A PHP array on the wire: `[]` when empty, a list when its keys are 0, 1, 2…, else an object
/// (§3.4).
pub(crate) fn php_array(entries: Vec<(String, Value)>) -> Value {
    let is_list = entries
        .iter()
        .enumerate()
        .all(|(index, (key, _))| *key == index.to_string());
    if is_list {
        return Value::Array(entries.into_iter().map(|(_, value)| value).collect());
    }
    Value::Object(entries.into_iter().collect())
}
