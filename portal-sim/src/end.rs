//! How a request ends on the wire: the honest answer, or what a fault makes of it.

use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use serde_json::Value;

use crate::envelope::{Refusal, json_response, text_response};
use crate::faults::Effect;
use crate::http::Line;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// The end of one request.
pub(crate) struct End {
    /// 0 when nothing is answered.
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    is_json: bool,
    shape: Shape,
}

enum Shape {
    Answered(Response),
    /// The honest answer after a while.
    Late(Response, Duration),
    /// Headers, then one byte after another.
    Drip(u16, String, Duration),
    /// Headers, then nothing.
    HeadersOnly,
    /// Half of the body, then a reset.
    ResetHalfWay(u16, String),
    Hang,
    Reset,
}

impl End {
    /// The honest answer, unless an effect takes its place.
    pub(crate) fn of(effect: Option<Effect>, good: impl FnOnce() -> (u16, Value)) -> Self {
        let Some(effect) = effect else {
            let (status, body) = good();
            return Self::json(status, &body);
        };
        if effect.replaces() {
            return Self::instead(effect);
        }
        let (status, body) = good();
        let text = body.to_string();
        match effect {
            Effect::Delay { ms } => {
                let end = Self::json(status, &body);
                let Shape::Answered(response) = end.shape else {
                    return end;
                };
                let shape = Shape::Late(response, Duration::from_millis(ms));
                Self { shape, ..end }
            }
            Effect::Drip { ms } => {
                let shape = Shape::Drip(status, text, Duration::from_millis(ms));
                Self::spoilt(status, shape)
            }
            Effect::ResetHalfWay => Self::spoilt(status, Shape::ResetHalfWay(status, text)),
            Effect::WrongLength => Self::spoilt(status, Shape::Answered(too_short(status, text))),
            _ => Self::text(status, JSON, first_half(text)),
        }
    }

    /// An effect that needs no honest answer.
    fn instead(effect: Effect) -> Self {
        match effect {
            Effect::Error {
                status,
                error,
                description,
            } => Self::json(status, &Refusal::new(status, &error, description).body()),
            Effect::EmptyBody => Self::text(200, JSON, String::new()),
            Effect::HugeBody { bytes } => Self::spoilt(200, Shape::Answered(huge(bytes))),
            Effect::GzipBomb { mib } => Self::spoilt(200, Shape::Answered(bomb(mib))),
            Effect::DeepJson { depth } => Self::text(200, JSON, deep(depth)),
            Effect::ManyKeys { keys } => Self::text(200, JSON, many(keys)),
            Effect::Raw { status, body } => Self::text(status, JSON, body),
            Effect::Html { status } => Self::text(status, HTML, MAINTENANCE.to_owned()),
            Effect::Captcha => Self::text(200, HTML, CAPTCHA.to_owned()),
            Effect::Redirect { location } => Self::redirect(&location),
            Effect::HeadersOnly => Self::spoilt(200, Shape::HeadersOnly),
            Effect::Reset => Self::spoilt(0, Shape::Reset),
            _ => Self::spoilt(0, Shape::Hang),
        }
    }

    /// Lets it happen.
    pub(crate) async fn send(self, line: &Line) -> Response {
        match self.shape {
            Shape::Answered(response) => response,
            Shape::Late(response, delay) => {
                tokio::time::sleep(delay).await;
                response
            }
            Shape::Drip(status, text, pause) => streamed(status, drip(text, pause)),
            Shape::HeadersOnly => streamed(200, stream::pending::<Result<Bytes, Infallible>>()),
            Shape::ResetHalfWay(status, text) => reset_half_way(status, &text, line.clone()),
            Shape::Hang => std::future::pending().await,
            Shape::Reset => {
                line.cut();
                StatusCode::NO_CONTENT.into_response()
            }
        }
    }

    /// `ok`, an error code, or `not_json`.
    pub(crate) fn outcome(&self) -> String {
        match (&self.error, self.is_json) {
            (Some(error), _) => error.clone(),
            (None, true) => "ok".to_owned(),
            (None, false) => "not_json".to_owned(),
        }
    }

    fn json(status: u16, body: &Value) -> Self {
        let error = body.get("error").map(|code| match code {
            Value::String(code) => code.clone(),
            other => other.to_string(),
        });
        Self {
            status,
            error,
            is_json: true,
            shape: Shape::Answered(json_response(status, body)),
        }
    }

    fn text(status: u16, content_type: &'static str, body: String) -> Self {
        let response = text_response(status, content_type, body);
        Self::spoilt(status, Shape::Answered(response))
    }

    const fn spoilt(status: u16, shape: Shape) -> Self {
        Self {
            status,
            error: None,
            is_json: false,
            shape,
        }
    }

    fn redirect(location: &str) -> Self {
        let page = "<html><body>Moved</body></html>".to_owned();
        let mut response = text_response(302, "text/html", page);
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Self::spoilt(302, Shape::Answered(response))
    }
}

/// A response whose body comes bit by bit.
fn streamed<S, E>(status: u16, bytes: S) -> Response
where
    S: futures::Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<axum::BoxError> + 'static,
{
    let mut response = text_response(status, JSON, String::new());
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from_stream(bytes);
    response
}

fn drip(
    text: String,
    pause: Duration,
) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold((text.into_bytes(), 0), move |(text, at)| async move {
        if at > 0 {
            tokio::time::sleep(pause).await;
        }
        let byte = Bytes::copy_from_slice(text.get(at..=at)?);
        Some((Ok(byte), (text, at + 1)))
    })
}

/// The second half of the body meets a line that is cut.
fn reset_half_way(status: u16, text: &str, line: Line) -> Response {
    let half = first_half(text.to_owned());
    let rest = text[half.len()..].to_owned();
    streamed(status, in_parts(vec![half, rest], move || line.cut()))
}

/// A body shorter than its `Content-Length`.
fn too_short(status: u16, text: String) -> Response {
    let length = HeaderValue::from(text.len() + 100);
    let mut response = streamed(status, in_parts(vec![text], || {}));
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

/// The parts one by one, each on the wire before the next is tried; `between` happens before that.
fn in_parts(
    parts: Vec<String>,
    between: impl Fn() + Clone + Send + 'static,
) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold((parts.into_iter(), false), move |(mut parts, started)| {
        let between = between.clone();
        async move {
            if started {
                tokio::time::sleep(Duration::from_millis(50)).await;
                between();
            }
            let part = parts.next()?;
            Some((Ok(Bytes::from(part)), (parts, true)))
        }
    })
}

/// An endless-looking JSON string, made while it is sent.
fn huge(bytes: usize) -> Response {
    const PIECE: usize = 64 * 1024;
    let start = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{\"result\":\""))]);
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let middle = stream::unfold(bytes, move |left| {
        let piece = piece.slice(..left.min(PIECE));
        async move { (left > 0).then(|| (Ok(piece.clone()), left - piece.len())) }
    });
    let end = stream::iter([Ok(Bytes::from_static(b"\"}"))]);
    use futures::StreamExt as _;
    let mut response = streamed(200, start.chain(middle).chain(end));
    let length = HeaderValue::from(bytes + "{\"result\":\"\"}".len());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

/// Few bytes that become many.
fn bomb(mib: usize) -> Response {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let piece = vec![b'x'; 1024 * 1024];
    let mut written = encoder.write_all(b"{\"result\":\"");
    for _ in 0..mib {
        written = written.and_then(|()| encoder.write_all(&piece));
    }
    let bytes = written
        .and_then(|()| encoder.write_all(b"\"}"))
        .and_then(|()| encoder.finish())
        .unwrap_or_default();
    let mut response = text_response(200, JSON, String::new());
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    *response.body_mut() = Body::from(bytes);
    response
}

fn deep(depth: usize) -> String {
    format!("{{\"result\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
}

fn many(keys: usize) -> String {
    let members: Vec<String> = (0..keys).map(|key| format!("\"{key}k\":0")).collect();
    format!("{{\"result\":{{{}}}}}", members.join(","))
}

fn first_half(mut text: String) -> String {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    text.truncate(middle);
    text
}

const MAINTENANCE: &str = "<!DOCTYPE html><html><head><title>Технические работы</title></head>\
     <body><h1>Портал временно недоступен</h1></body></html>";

const CAPTCHA: &str = "<!DOCTYPE html><html><head><title>Проверка</title></head>\
     <body><form><p>Введите слово с картинки</p><input name=\"captcha_word\"></form></body></html>";
