//! The cookies of the cabinet (SEC-41). Their names and marks depend on whether browsers reach us
//! over https: there a browser takes the names for ours alone (`__Host-`), and nothing beside us can
//! set them.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, CookieBuilder, SameSite};
use crmap_app::data::{SingleKeys, Theme};
use crmap_domain::Lang;
use secrecy::{ExposeSecret as _, SecretString};

const SESSION: [&str; 2] = ["crmap", "__Host-crmap"];
const DEVICE: [&str; 2] = ["crmap-device", "__Host-crmap-device"];
const LANG: &str = "crmap-lang";
const THEME: &str = "crmap-theme";
const KEYS: &str = "crmap-keys";
/// The longest value that may be one of ours.
const LONGEST_SECRET: usize = 200;
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How cookies are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookies {
    secure: bool,
}

/// The cookies that a request shows, as far as they can be ours.
#[derive(Debug, Default)]
pub struct Shown {
    /// The session.
    pub session: Option<SecretString>,
    /// What this browser is known by from earlier sessions.
    pub device: Option<SecretString>,
    /// The language that was chosen.
    pub lang: Option<Lang>,
    /// The theme that was chosen.
    pub theme: Option<Theme>,
    /// Whether single keys were turned off, or on again.
    pub keys: Option<SingleKeys>,
}

impl Cookies {
    /// For browsers that reach us over https, or not.
    #[must_use]
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The cookies of a request. Two of one name are none: one of them is not ours, and nobody can
    /// say which.
    #[must_use]
    pub fn shown(&self, headers: &HeaderMap) -> Shown {
        let lines = headers.get_all(header::COOKIE).iter();
        // What is no text may be somebody else's cookie beside ours.
        let lines: Vec<_> = lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .collect();
        let find = |wanted: &str| {
            let all = lines.iter().flat_map(|line| Cookie::split_parse(&**line));
            let mut found = all.flatten().filter(|cookie| cookie.name() == wanted);
            let value = found.next()?.value().to_owned();
            found.next().is_none().then_some(value)
        };
        let secret = |name: &str| find(name).filter(|value| is_secret(value));
        Shown {
            session: secret(self.name(SESSION)).map(SecretString::from),
            device: secret(self.name(DEVICE)).map(SecretString::from),
            lang: find(LANG).and_then(|code| Lang::from_code(&code)),
            theme: find(THEME).and_then(|code| Theme::from_code(&code)),
            keys: find(KEYS).and_then(|code| SingleKeys::from_code(&code)),
        }
    }

    /// The headers that begin a session, which lives for so long, in a browser that is known by
    /// `device` from now on.
    #[must_use]
    pub fn log_in(
        &self,
        session: &SecretString,
        lives: Duration,
        device: &SecretString,
    ) -> Vec<HeaderValue> {
        let session = self.written(self.name(SESSION), session.expose_secret(), lives);
        session.into_iter().chain(self.know(device)).collect()
    }

    /// The header by which a browser is known from now on, when it logs in.
    #[must_use]
    pub fn know(&self, device: &SecretString) -> Option<HeaderValue> {
        self.written(self.name(DEVICE), device.expose_secret(), A_YEAR)
    }

    /// The headers that end a session. The browser stays known.
    #[must_use]
    pub fn log_out(&self) -> Vec<HeaderValue> {
        let ended = self.written(self.name(SESSION), "", Duration::ZERO);
        ended.into_iter().collect()
    }

    /// The header that keeps the choice of a language.
    #[must_use]
    pub fn prefer_lang(&self, lang: Lang) -> Option<HeaderValue> {
        self.written(LANG, lang.code(), A_YEAR)
    }

    /// The header that keeps the choice of a theme.
    #[must_use]
    pub fn prefer_theme(&self, theme: Theme) -> Option<HeaderValue> {
        self.written(THEME, theme.code(), A_YEAR)
    }

    /// The header that keeps whether single keys are turned off.
    #[must_use]
    pub fn prefer_keys(&self, keys: SingleKeys) -> Option<HeaderValue> {
        self.written(KEYS, keys.code(), A_YEAR)
    }

    const fn name(&self, [plain, secure]: [&'static str; 2]) -> &'static str {
        if self.secure { secure } else { plain }
    }

    fn written(&self, name: &'static str, value: &str, lives: Duration) -> Option<HeaderValue> {
        let cookie: CookieBuilder<'_> = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(lives.try_into().unwrap_or(time::Duration::ZERO));
        let mut header = HeaderValue::try_from(cookie.build().to_string()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Whether a value has the form of a secret: nothing else is looked for in the database.
fn is_secret(value: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte);
    (1..=LONGEST_SECRET).contains(&value.len()) && value.bytes().all(is_sign)
}
