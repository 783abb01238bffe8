//! The specification as JSON, for programs. `docs/specification.schema.json` describes it.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter};
use time::{OffsetDateTime, UtcOffset};

use crate::Specification;
use crate::visible::is_hidden;

/// What marks a document as a specification of CRMAP.
pub const FORMAT: &str = "crmap.specification";
/// The version of the layout. It grows when a reader of the last one would misunderstand the next;
/// members that are only added do not change it.
pub const VERSION: u64 = 1;

/// Why a text is not a specification.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSpecification {
    /// Not JSON, or not of the form that its version prescribes.
    #[error("not a specification: {0}")]
    Malformed(#[from] serde_json::Error),
    /// JSON of something else.
    #[error("the format is {0:?}, not {FORMAT:?}")]
    Format(String),
    /// A specification, but of another version.
    #[error("version {0} of the format is not known, only {VERSION}")]
    Version(u64),
}

/// The whole document.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(title = "Specification of a CRM account, by CRMAP")
)]
struct Document<'a> {
    /// What marks the document.
    #[cfg_attr(feature = "schema", schemars(extend("const" = FORMAT)))]
    format: &'a str,
    /// The version of the layout.
    #[cfg_attr(feature = "schema", schemars(extend("const" = VERSION)))]
    version: u64,
    #[serde(flatten)]
    specification: &'a Specification,
}

/// What tells whether the rest can be understood.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u64,
}

/// The specification as a JSON document, indented, its members always in the same order. Characters
/// that a reader cannot see are written as `\u202e`, so that the document is safe to look at.
#[must_use]
pub fn to_json(specification: &Specification) -> String {
    let mut json = Vec::new();
    // Memory takes everything, and nothing of a specification is no JSON.
    let _never_fails = write_json(specification, &mut json);
    String::from_utf8(json).unwrap_or_default()
}

/// Writes what [`to_json`] gives, piece by piece as it is made.
///
/// # Errors
/// What `out` says.
pub fn write_json(specification: &Specification, out: impl Write) -> io::Result<()> {
    let at = writable(specification.reading.at);
    if at == specification.reading.at && at.offset() == specification.reading.at.offset() {
        return write(specification, out);
    }
    let mut corrected = specification.clone();
    corrected.reading.at = at;
    write(&corrected, out)
}

fn write(specification: &Specification, out: impl Write) -> io::Result<()> {
    let document = Document {
        format: FORMAT,
        version: VERSION,
        specification,
    };
    // Every map has string keys and the moment is writable, so only `out` can fail.
    write_document(&document, out)
}

/// Writes a document as all of ours are written: indented, and safe to look at.
pub(crate) fn write_document(document: &impl Serialize, out: impl Write) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(out, Escaping::default());
    document.serialize(&mut json).map_err(io::Error::from)
}

/// The same moment in a form that RFC 3339 has: no seconds in the offset, no year outside 0–9999.
pub(crate) fn writable(at: OffsetDateTime) -> OffsetDateTime {
    let offset = at.offset();
    let whole_minutes = UtcOffset::from_hms(offset.whole_hours(), offset.minutes_past_hour(), 0);
    let at = match whole_minutes {
        Ok(whole) if whole != offset => at.checked_to_offset(whole).unwrap_or(at),
        _ => at,
    };
    if (0..=9999).contains(&at.year()) {
        at
    } else {
        OffsetDateTime::UNIX_EPOCH
    }
}

/// Indents, and writes out what a reader cannot see: that stands within strings alone, where it can
/// be escaped.
#[derive(Default)]
struct Escaping(PrettyFormatter<'static>);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(place) = rest.find(is_hidden) {
            let (seen, hidden) = rest.split_at(place);
            out.write_all(seen.as_bytes())?;
            let mut signs = hidden.chars();
            if let Some(c) = signs.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = signs.as_str();
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// Reads a document that [`to_json`] wrote.
///
/// # Errors
/// [`InvalidSpecification`], which says what the document is instead.
pub fn from_json(json: &str) -> Result<Specification, InvalidSpecification> {
    let head: Head = serde_json::from_str(json)?;
    if head.format != FORMAT {
        return Err(InvalidSpecification::Format(head.format));
    }
    if head.version != VERSION {
        return Err(InvalidSpecification::Version(head.version));
    }
    Ok(serde_json::from_str(json)?)
}

/// The JSON Schema of the document.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document<'_>).to_value();
    publish(&mut schema);
    schema
}

/// Makes the descriptions, which are comments of the code, fit for readers without it: one line
/// each, without references to notes of the house.
#[cfg(feature = "schema")]
fn publish(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = description(text),
                    _ => publish(member),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(publish),
        _ => {}
    }
}

#[cfg(feature = "schema")]
fn description(comment: &str) -> String {
    let line = comment.replace('\n', " ");
    let reference = line
        .find(" (bitrix24.md")
        .and_then(|start| line[start..].find(')').map(|length| start..=start + length));
    match reference {
        Some(range) => format!("{}{}", &line[..*range.start()], &line[range.end() + 1..]),
        None => line,
    }
}
