//! The form in which a reading is kept: JSON, compressed. What tells of people stands apart, so that
//! it can go without the rest.

use std::io::{Read, Write};

use crmap_domain::json::{from_json, to_json};
use crmap_domain::{PortalUser, Reading, Refusal, Section, Source, Specification, Totals, Viewer};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

/// More than any reading has; what is larger was not written by us.
const MOST: u64 = 16 * 1024 * 1024;

/// The reader's name, and the portal's users.
type People = (String, Section<PortalUser>);

/// What two readings have in common that found the same.
pub(super) type Digest = [u8; 32];

/// Of everything that a reading found, in one order, whoever found it and when.
pub(super) fn digest(specification: &Specification) -> Digest {
    let mut found = specification.clone();
    found.sort();
    found.reading = Reading {
        at: OffsetDateTime::UNIX_EPOCH,
        source: Source::Application,
        viewer: Viewer {
            id: 0,
            name: String::new(),
            administrator: false,
        },
        lang: found.reading.lang,
    };
    let mut hash = Hash(Sha256::new());
    // Every map has string keys, and a hash takes everything.
    let _ = serde_json::to_writer(&mut hash, &found);
    hash.0.finalize().into()
}

struct Hash(Sha256);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What stays known of a portal, as it is kept beside a snapshot; nothing where it is too large.
pub(super) fn pack_known(known: &Specification) -> Option<Vec<u8>> {
    press(compact(&to_json(known)).as_bytes())
}

/// What [`pack_known`] made; nothing where it is damaged.
pub(super) fn unpack_known(known: &[u8]) -> Option<Specification> {
    from_json(&String::from_utf8(release(known)?).ok()?).ok()
}

/// The circumstances of a reading, without the reader's name.
pub(super) fn pack_circumstances(reading: &Reading) -> String {
    let mut reading = reading.clone();
    reading.viewer.name.clear();
    serde_json::to_string(&reading).unwrap_or_default()
}

/// When a reading began, by its circumstances.
pub(super) fn began_at(reading: &str) -> Option<OffsetDateTime> {
    let reading: Option<Reading> = serde_json::from_str(reading).ok();
    reading.map(|reading| reading.at)
}

/// A reading of the same content, later: its own circumstances, the name out of what is known of
/// people.
pub(super) fn put_circumstances(specification: &mut Specification, reading: &str) {
    let Ok(mut reading) = serde_json::from_str::<Reading>(reading) else {
        return;
    };
    let known = &specification.reading.viewer;
    reading.viewer.name = if reading.viewer.id == known.id {
        known.name.clone()
    } else {
        let users = specification.users.rows().iter();
        let mut viewer = users.filter(|user| user.id == reading.viewer.id);
        viewer
            .next()
            .map_or_else(String::new, |user| user.name.clone())
    };
    specification.reading = reading;
}

/// A reading as it is kept.
pub(super) struct Packed {
    /// How much it holds, as JSON.
    pub(super) totals: String,
    /// All of it but what tells of people.
    pub(super) content: Vec<u8>,
    /// What tells of people; none where that went.
    pub(super) people: Option<Vec<u8>>,
}

/// Of a reading; nothing where it is larger than is ever read back.
pub(super) fn pack(specification: &Specification) -> Option<Packed> {
    let people: People = (
        specification.reading.viewer.name.clone(),
        specification.users.clone(),
    );
    let mut rest = specification.clone();
    rest.reading.viewer.name.clear();
    rest.users = Section::Rows(Vec::new());
    Some(Packed {
        totals: serde_json::to_string(&specification.totals()).ok()?,
        content: press(compact(&to_json(&rest)).as_bytes())?,
        people: Some(press(&serde_json::to_vec(&people).ok()?)?),
    })
}

/// A reading of what is kept, or the column that cannot be understood.
pub(super) fn unpack(content: &[u8], people: Option<&[u8]>) -> Result<Specification, &'static str> {
    let json = release(content).ok_or("content")?;
    let json = String::from_utf8(json).map_err(|_error| "content")?;
    let mut specification = from_json(&json).map_err(|_error| "content")?;
    let (viewer, users) = match people {
        Some(people) => people_of(people).ok_or("people")?,
        None => (String::new(), forgotten()),
    };
    specification.reading.viewer.name = viewer;
    specification.users = users;
    Ok(specification)
}

/// Whether totals are those of the reading, as far as it was not forgotten.
pub(super) fn totals_fit(totals: &str, specification: &Specification) -> bool {
    serde_json::from_str::<Totals>(totals).is_ok_and(|totals| {
        let users = specification.users.count().or(totals.users);
        totals
            == Totals {
                users,
                ..specification.totals()
            }
    })
}

/// JSON without the white space between its signs.
fn compact(json: &str) -> String {
    let mut is_text = false;
    let mut is_escaped = false;
    let kept = json.chars().filter(|sign| {
        let is_kept = is_text || !sign.is_ascii_whitespace();
        if *sign == '"' && !is_escaped {
            is_text = !is_text;
        }
        is_escaped = is_text && *sign == '\\' && !is_escaped;
        is_kept
    });
    kept.collect()
}

fn people_of(people: &[u8]) -> Option<People> {
    serde_json::from_slice(&release(people)?).ok()
}

/// What stands in the place of people who were forgotten when the portal removed the application.
fn forgotten() -> Section<PortalUser> {
    Section::Refused(Refusal::Other {
        code: "NOT_INSTALLED".to_owned(),
        message: String::new(),
    })
}

fn press(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() as u64 > MOST {
        return None;
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Nothing where the bytes are damaged, cut, or stand for more than was ever written.
fn release(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut released = Vec::new();
    ZlibDecoder::new(bytes)
        .take(MOST + 1)
        .read_to_end(&mut released)
        .ok()?;
    (released.len() as u64 <= MOST).then_some(released)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_but_not_out_of_texts() {
        let json = "{\n  \"a b\": [ 1,\n 2 ],\r\t\"c \\\" d\": \"e \\\\\" , \"f\": \" \"\n}";
        let compacted = compact(json);
        assert_eq!(compacted, r#"{"a b":[1,2],"c \" d":"e \\","f":" "}"#);
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&compacted), value(json));
    }

    #[test]
    fn what_is_pressed_is_released_and_bombs_and_cuts_are_not() {
        let text = "Продажи ".repeat(1000);
        let pressed = press(text.as_bytes()).unwrap();
        assert!(pressed.len() < 200);
        assert_eq!(release(&pressed).unwrap(), text.as_bytes());
        for length in 0..pressed.len() {
            assert_eq!(release(&pressed[..length]), None, "cut at {length}");
        }
        let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
        for _ in 0..=16 {
            bomb.write_all(&vec![b' '; 1024 * 1024]).unwrap();
        }
        assert_eq!(release(&bomb.finish().unwrap()), None);
        assert_eq!(press(&vec![0; 16 * 1024 * 1024 + 1]), None);
    }
}
