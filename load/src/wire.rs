//! What pages send to the server and find in it, written down from outside: nothing here is the
//! server's own code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::http::Asked;

const FORM: &str = "application/x-www-form-urlencoded";
const POSTCARD: &str = "application/x-postcard";
/// `crmap_`, 30 characters, `_`, 6 characters.
const TOKEN: usize = 43;

/// A form of a page of ours.
pub fn form(target: &str, fields: &[(&str, &str)]) -> Asked {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    Asked::post(target, FORM, body.finish().into_bytes())
}

/// What a portal posts to open the application.
pub fn opening(query: &str, body: String) -> Asked {
    let mut asked = Asked::post(format!("/bitrix/app?{query}"), FORM, body.into_bytes());
    asked.headers.retain(|(name, _)| *name != "sec-fetch-site");
    asked.with("sec-fetch-site", "cross-site")
}

/// A call of a server function.
pub fn call(function: &str, arguments: &impl Serialize) -> Asked {
    let arguments = postcard::to_allocvec(arguments).unwrap();
    Asked::post(format!("/api/{function}"), POSTCARD, arguments)
}

/// What is asked of the cabinets of a portal, in the order of its kinds.
#[derive(Serialize)]
pub enum LinkAsk<'a> {
    #[expect(dead_code, reason = "takes the first number")]
    List,
    #[expect(dead_code, reason = "takes the second number")]
    Preview,
    /// A token, and the level: 0 is to read.
    Link(&'a str, u8),
}

/// Which portals are to be read: the first kind is all.
#[derive(Serialize)]
pub enum RunOf {
    All,
}

/// The filter of a history that filters nothing: no kinds, no rows, no days, no words.
pub const NO_FILTER: ((), u8, u8, u8, u8, u8) = ((), 0, 0, 0, 0, 0);

/// How far a run has come, as far as it is looked at here.
#[derive(Deserialize)]
pub struct Run {
    pub id: String,
    _made_at: (i64, i32),
    pub total: u32,
    pub read: u32,
}

impl Run {
    /// The run that a function's answer tells of.
    pub fn of(answer: &[u8]) -> Option<Self> {
        let (run, _rest) = postcard::take_from_bytes::<Option<Self>>(answer).ok()?;
        run
    }
}

/// The data that a page carries.
pub fn island(page: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(page);
    let (_, island) = text.split_once("id=\"crmap-data\">")?;
    STANDARD.decode(island.split('<').next()?).ok()
}

/// The bearer of a page inside a portal: its language comes first, then this.
pub fn bearer(page: &[u8]) -> Option<String> {
    let island = island(page)?;
    let ((_lang, bearer), _rest) = postcard::take_from_bytes::<(u8, String)>(&island).ok()?;
    Some(bearer)
}

/// The connection token that a page of the cabinet carries.
pub fn token(page: &[u8]) -> Option<String> {
    let island = island(page)?;
    let at = island.windows(6).position(|bytes| bytes == b"crmap_")?;
    let token = island.get(at..at + TOKEN)?;
    String::from_utf8(token.to_vec()).ok()
}
