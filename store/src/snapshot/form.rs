//! The form in which a reading is kept: JSON, compressed. What tells of people stands apart, so that
//! it can go without the rest.

use std::io::{Read, Write};

use crmap_domain::json::{from_json, to_json};
use crmap_domain::{PortalUser, Refusal, Section, Specification, Totals};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// More than any reading has; what is larger was not written by us.
const MOST: u64 = 16 * 1024 * 1024;

/// The reader's name, and the portal's users.
type People = (String, Section<PortalUser>);

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
