//! A letter as it came over the wire, and what it says when it is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A letter with its envelope.
#[derive(Debug, Clone)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    /// Header and body as they were sent, with plain line ends.
    pub raw: String,
}

impl Letter {
    pub fn new(from: String, to: Vec<String>, raw: String) -> Self {
        Self { from, to, raw }
    }

    fn head(&self) -> &str {
        self.raw
            .split_once("\n\n")
            .map_or(&*self.raw, |(head, _)| head)
    }

    /// All fields of this name, each in one line.
    pub fn fields(&self, name: &str) -> Vec<String> {
        let head = self.head().replace("\n ", " ").replace("\n\t", " ");
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }

    /// The one field of this name.
    pub fn field(&self, name: &str) -> String {
        let mut fields = self.fields(name);
        assert_eq!(fields.len(), 1, "{name} in {}", self.raw);
        fields.remove(0)
    }

    /// What the letter is about, for a reader.
    pub fn subject(&self) -> String {
        words(&self.field("Subject"))
    }

    /// What the letter says, for a reader.
    pub fn text(&self) -> String {
        let body = self.raw.split_once("\n\n").map_or("", |(_, body)| body);
        match &*self.field("Content-Transfer-Encoding").to_lowercase() {
            "base64" => {
                let bytes = STANDARD.decode(body.replace('\n', "")).unwrap();
                String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
            }
            "quoted-printable" => quoted(&body.replace("=\n", "")),
            "7bit" | "8bit" => body.to_owned(),
            other => panic!("a letter in {other}"),
        }
    }
}

/// A field with its encoded words (RFC 2047) read; between two of them the space is no text.
fn words(field: &str) -> String {
    let mut read = String::new();
    let mut was_encoded = false;
    for word in field.split(' ') {
        let encoded = encoded_word(word);
        if !(read.is_empty() || was_encoded && encoded.is_some()) {
            read.push(' ');
        }
        was_encoded = encoded.is_some();
        read.push_str(&encoded.unwrap_or_else(|| word.to_owned()));
    }
    read
}

fn encoded_word(word: &str) -> Option<String> {
    let inside = word.strip_prefix("=?utf-8?")?.strip_suffix("?=")?;
    let (way, text) = inside.split_once('?')?;
    match way {
        "b" | "B" => String::from_utf8(STANDARD.decode(text).ok()?).ok(),
        "q" | "Q" => Some(quoted(&text.replace('_', " "))),
        _ => None,
    }
}

/// Quoted-printable, `=D0=9F`, without soft ends of lines.
fn quoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'=');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}
