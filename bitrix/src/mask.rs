//! Makes requests and answers fit to be kept (SEC-37, SEC-38): secrets and personal data become
//! `***`, control characters become visible, and what is long is cut. It reads its input from front
//! to back and needs neither its end nor its being well-formed, so it works on the beginning of an
//! answer as well as on a whole one.

#[cfg(test)]
mod tests;

use std::iter::Peekable;
use std::str::Chars;

/// The largest text that is kept, in bytes.
pub(crate) const LARGEST: usize = 4 * 1024;
/// How much of the input is looked at; what lies beyond can only be behind something masked.
const WINDOW: usize = 64 * 1024;
/// How much is kept of what is not JSON: somebody's page may show anything (security.md §5, F09).
const LONGEST_PAGE: usize = 200;
const MASK: &str = "***";
/// A shorter piece of a secret at the end of what was cut tells nothing.
const SHORTEST_PIECE: usize = 4;

/// Names whose values are secrets, in lower case.
const SECRETS: [&str; 13] = [
    "access_token",
    "application_token",
    "auth",
    "auth_id",
    "authorization",
    "client_secret",
    "code",
    "password",
    "refresh_id",
    "refresh_token",
    "secret",
    "sessid",
    "token",
];
/// Names whose values are about people, in lower case (bitrix24.md §4.7).
const PERSONAL: [&str; 15] = [
    "email",
    "full_name",
    "last_name",
    "lastname",
    "login",
    "second_name",
    "secondname",
    "uf_facebook",
    "uf_linkedin",
    "uf_skype",
    "uf_skype_link",
    "uf_twitter",
    "uf_web_sites",
    "uf_xing",
    "user_name",
];

/// A body in JSON; anything else is treated as a page.
pub(crate) fn json(body: &[u8], secrets: &[&str]) -> String {
    let text = window(body);
    if !text.trim_start().starts_with(['{', '[']) {
        return page(&text, secrets);
    }
    let mut masker = Masker {
        rest: text.chars().peekable(),
        out: String::new(),
        secrets,
    };
    masker.run();
    let whole = masker.rest.peek().is_none() && body.len() <= WINDOW;
    finished(&masker.out, whole, secrets)
}

/// A urlencoded body.
pub(crate) fn form(body: &[u8], secrets: &[&str]) -> String {
    let text = window(body);
    let mut out = String::new();
    escape(&pairs(&text), &mut out);
    finished(&out, body.len() <= WINDOW, secrets)
}

fn window(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..WINDOW).unwrap_or(body)).into_owned()
}

fn page(text: &str, secrets: &[&str]) -> String {
    // Looked at whole before it is cut: half a secret is one too.
    let clean = scrubbed(text, secrets);
    let mut out = String::new();
    escape(
        &clean.chars().take(LONGEST_PAGE).collect::<String>(),
        &mut out,
    );
    finished(&out, clean.chars().count() <= LONGEST_PAGE, secrets)
}

struct Masker<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    secrets: &'a [&'a str],
}

impl Masker<'_> {
    fn run(&mut self) {
        while self.out.len() <= LARGEST {
            let Some(char) = self.rest.next() else { return };
            match char {
                '"' => self.string(),
                char if char.is_whitespace() => {}
                char => escape(char.encode_utf8(&mut [0; 4]), &mut self.out),
            }
        }
    }

    /// A text, after its opening quote: a name if a colon follows, a value otherwise.
    fn string(&mut self) {
        let mut text = self.text();
        if self.rest.peek().is_none() {
            drop_piece(&mut text, self.secrets);
        }
        self.skip_spaces();
        if self.rest.peek() == Some(&':') {
            self.rest.next();
            self.quote(&scrubbed(&text, self.secrets));
            self.out.push(':');
            if is_hidden(&text) {
                self.skip_value();
                self.quote(MASK);
            }
        } else {
            let clean = scrubbed(&pairs(&text), self.secrets);
            self.quote(&clean);
        }
    }

    /// The text up to its closing quote, or to the end of the input, with its escapes resolved.
    fn text(&mut self) -> String {
        let mut text = String::new();
        let mut units: Vec<u16> = Vec::new();
        loop {
            let next = self.rest.next();
            let unit = match next {
                Some('\\') => match self.rest.next() {
                    Some('u') => Some(self.unit()),
                    Some(escaped) => Some(u16::from(match escaped {
                        'n' => b'\n',
                        't' => b'\t',
                        'r' => b'\r',
                        'b' => 8,
                        'f' => 12,
                        other => u8::try_from(other).unwrap_or(b'?'),
                    })),
                    None => None,
                },
                _ => None,
            };
            if let Some(unit) = unit {
                units.push(unit);
                continue;
            }
            text.push_str(&String::from_utf16_lossy(&units));
            units.clear();
            match next {
                None | Some('"' | '\\') => return text,
                Some(char) => text.push(char),
            }
        }
    }

    fn unit(&mut self) -> u16 {
        let mut value = 0_u32;
        for _ in 0..4 {
            let Some(digit) = self.rest.peek().and_then(|char| char.to_digit(16)) else {
                break;
            };
            self.rest.next();
            value = value * 16 + digit;
        }
        u16::try_from(value).unwrap_or(0xfffd)
    }

    fn skip_spaces(&mut self) {
        while self.rest.peek().is_some_and(|char| char.is_whitespace()) {
            self.rest.next();
        }
    }

    /// Leaves out a value however large and deep it is.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        self.skip_spaces();
        while let Some(char) = self.rest.peek().copied() {
            match char {
                ',' | '}' | ']' if depth == 0 => return,
                '"' => {
                    self.rest.next();
                    self.text();
                    continue;
                }
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                _ => {}
            }
            self.rest.next();
        }
    }

    fn quote(&mut self, text: &str) {
        self.out.push('"');
        escape(
            &text.replace('\\', "\\\\").replace('"', "\\\""),
            &mut self.out,
        );
        self.out.push('"');
    }
}

/// Control characters and marks that turn the direction of writing, as JSON escapes.
fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{2028}'
            | '\u{2029}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char if char.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => out.push(char),
        }
    }
}

/// The text with the values of hidden names masked, where it is a query or ends with one, as the
/// commands of a batch do.
fn pairs(text: &str) -> String {
    if !text.contains('=') {
        return text.to_owned();
    }
    let (head, query) = match text.split_once('?') {
        Some((head, query)) => (format!("{head}?"), query),
        None => (String::new(), text),
    };
    let masked = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_hidden_path(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    head + &masked.collect::<Vec<_>>().join("&")
}

/// `auth[access_token]`, percent codes or not.
fn is_hidden_path(name: &str) -> bool {
    let name = decoded(name);
    name.split(['[', ']'])
        .any(|part| !part.is_empty() && is_hidden(part))
}

fn is_hidden(name: &str) -> bool {
    // The names of funnels come in lower case, those of people in upper case.
    let name = name.trim();
    let lower = name.to_lowercase();
    name == "NAME"
        || SECRETS.contains(&lower.as_str())
        || PERSONAL.contains(&lower.as_str())
        || lower.contains("phone")
        || lower.starts_with("personal_")
        || lower.starts_with("work_")
}

fn decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// The text without secrets, in whatever case and with or without percent codes.
fn scrubbed(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = without(&text, secret, MASK);
        if text.contains('%') && contains(&decoded(&text.replace(['&', '='], " ")), secret) {
            return MASK.to_owned();
        }
    }
    text
}

fn contains(text: &str, secret: &str) -> bool {
    let (text, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    text.contains(&secret)
}

/// The text with `mark` wherever it has the secret, in whatever case; a secret is not empty.
pub(crate) fn without(text: &str, secret: &str, mark: &str) -> String {
    // Lower case in ASCII moves no letter.
    let (lower, wanted) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find(&wanted)) {
        out.push_str(text.get(from..from + at).unwrap_or_default());
        out.push_str(mark);
        from += at + wanted.len();
    }
    out + text.get(from..).unwrap_or_default()
}

/// Without secrets that were put together from pieces, without the beginning of one at the end, and
/// cut to its largest size.
fn finished(out: &str, whole: bool, secrets: &[&str]) -> String {
    let mut out = scrubbed(out, secrets);
    drop_piece(&mut out, secrets);
    if whole && out.len() <= LARGEST {
        return out;
    }
    let mut end = out.len().min(LARGEST - '…'.len_utf8());
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    out + "…"
}

/// Takes the beginning of a secret away from the end of what may have been cut.
fn drop_piece(text: &mut String, secrets: &[&str]) {
    for secret in secrets {
        let longest = secret.len().min(text.len());
        let piece = (SHORTEST_PIECE..=longest).rev().find(|length| {
            let tail = text.get(text.len() - length..);
            tail.zip(secret.get(..*length))
                .is_some_and(|(tail, head)| tail.eq_ignore_ascii_case(head))
        });
        text.truncate(text.len() - piece.unwrap_or(0));
    }
}
