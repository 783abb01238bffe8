//! Reads results leniently in type and strictly in content: a number may come as text, a flag as a
//! letter, an empty object as `[]`; but what is promised and cannot be read is an error that names
//! its place.

mod binding;
mod field;
mod funnel;
mod portal;
mod stage;
mod user;

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(crate) use binding::{BoundEvent, BoundPlace};
pub(crate) use funnel::funnels;
pub(crate) use portal::{AppInfo, Profile, scopes, works_with_leads};
pub(crate) use stage::Status;
pub(crate) use user::{Department, User};

/// A place in an answer that could not be understood: `result[3].ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misread(pub(crate) String);

/// A row of a list.
pub(crate) trait Row: Sized {
    /// What tells two rows apart.
    type Key: std::hash::Hash + Eq;

    /// Reads the row at `at`.
    fn read(raw: &RawValue, at: &At) -> Result<Self, Misread>;

    /// The row's key.
    fn key(&self) -> Self::Key;
}

/// Where something stands in an answer.
pub(crate) struct At(pub(crate) String);

impl At {
    /// The place of the row `index` of a list.
    pub(crate) fn row(list: &str, index: usize) -> Self {
        Self(format!("{list}[{index}]"))
    }

    pub(crate) fn misread(&self, name: &str) -> Misread {
        Misread(format!("{}.{name}", self.0))
    }

    /// The value as a wire struct; an error at this very place when it is no object at all.
    pub(crate) fn object<T: DeserializeOwned>(&self, raw: &RawValue) -> Result<T, Misread> {
        serde_json::from_str(raw.get()).map_err(|_| Misread(self.0.clone()))
    }

    /// A whole number that must be there.
    pub(crate) fn int(&self, value: &Loose, name: &str) -> Result<i64, Misread> {
        value.int().ok_or_else(|| self.misread(name))
    }

    /// A whole number, or `usual` where there is none.
    pub(crate) fn int_or(&self, value: &Loose, usual: i64, name: &str) -> Result<i64, Misread> {
        if value.is_empty() {
            Ok(usual)
        } else {
            self.int(value, name)
        }
    }

    /// A text that must be there and not be empty.
    pub(crate) fn filled(&self, value: &Loose, name: &str) -> Result<String, Misread> {
        value
            .text()
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| self.misread(name))
    }

    /// A text; empty where there is none.
    pub(crate) fn text(&self, value: &Loose, name: &str) -> Result<String, Misread> {
        if value.is_empty() {
            return Ok(String::new());
        }
        value.text().ok_or_else(|| self.misread(name))
    }

    /// A flag that must be there.
    pub(crate) fn flag(&self, value: &Loose, name: &str) -> Result<bool, Misread> {
        value.flag().ok_or_else(|| self.misread(name))
    }

    /// A flag; off where there is none.
    pub(crate) fn flag_or_off(&self, value: &Loose, name: &str) -> Result<bool, Misread> {
        if value.is_empty() {
            Ok(false)
        } else {
            self.flag(value, name)
        }
    }
}

/// A value whose type is not to be relied on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Loose {
    /// The key is missing.
    #[default]
    Absent,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list without elements, which is also how PHP writes an empty object.
    EmptyList,
    /// A list or an object with something in it.
    Nested,
}

impl Loose {
    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent | Self::Null)
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Absent | Self::Null | Self::EmptyList => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                format!("{number:.0}").parse().ok()
            }
            _ => None,
        }
    }

    pub(crate) fn float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Int(number) => i32::try_from(*number).ok().map(f64::from).or_else(|| {
                // Seconds since 1970 do not fit into 32 bits for ever.
                number.to_string().parse().ok()
            }),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Int(1) => Some(true),
            Self::Int(0) => Some(false),
            Self::Text(text) => match text.trim() {
                "Y" | "y" | "1" | "true" => Some(true),
                "N" | "n" | "0" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose, E> {
        Ok(Loose::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose, E> {
        Ok(Loose::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Loose, E> {
        i64::try_from(value)
            .map(Loose::Int)
            .or_else(|_| Ok(Loose::Text(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Loose, E> {
        Ok(Loose::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose, E> {
        Ok(Loose::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        let mut value = Loose::EmptyList;
        while list.next_element::<IgnoredAny>()?.is_some() {
            value = Loose::Nested;
        }
        Ok(value)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Nested)
    }
}

/// What PHP writes as an object, as a list when its keys are 0, 1, 2…, and as `[]` when it is
/// empty (bitrix24.md §3.4).
#[derive(Debug, Default)]
pub(crate) struct Keyed<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'a> Keyed<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, raw)| *raw)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Keyed<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(KeyedVisitor)
    }
}

/// More entries than any honest answer has; a million of them would take more memory than the
/// whole answer may (SEC-14).
const MOST_ENTRIES: usize = 100_000;

struct KeyedVisitor;

impl<'de> Visitor<'de> for KeyedVisitor {
    type Value = Keyed<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list")
    }

    fn visit_unit<E>(self) -> Result<Keyed<'de>, E> {
        Ok(Keyed::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Keyed<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(raw) = list.next_element::<&'de RawValue>()? {
            entries.push((entries.len().to_string(), raw));
            bounded(entries.len())?;
        }
        Ok(Keyed(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keyed<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
            entries.push(entry);
            bounded(entries.len())?;
        }
        Ok(Keyed(entries))
    }
}

fn bounded<E: serde::de::Error>(count: usize) -> Result<(), E> {
    if count > MOST_ENTRIES {
        return Err(E::custom("too many entries"));
    }
    Ok(())
}

/// The elements of a list, which PHP may have written as an object with numbers for keys.
pub(crate) fn elements<'a>(raw: &'a RawValue, place: &str) -> Result<Vec<&'a RawValue>, Misread> {
    if raw.get() == "null" {
        return Err(Misread(place.to_owned()));
    }
    let keyed: Keyed<'a> =
        serde_json::from_str(raw.get()).map_err(|_| Misread(place.to_owned()))?;
    if keyed.0.iter().any(|(key, _)| key.parse::<u64>().is_err()) {
        return Err(Misread(place.to_owned()));
    }
    Ok(keyed.0.into_iter().map(|(_, raw)| raw).collect())
}

/// The rows of a list; `first` is the number of its first row within the whole.
pub(crate) fn rows<T: Row>(raw: &RawValue, list: &str, first: usize) -> Result<Vec<T>, Misread> {
    elements(raw, list)?
        .into_iter()
        .enumerate()
        .map(|(index, raw)| T::read(raw, &At::row(list, first + index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Loose, elements};

    #[test]
    fn numbers_texts_and_flags_come_in_any_type() {
        let read = |json: &str| serde_json::from_str::<Loose>(json).unwrap();
        for json in ["7", "\"7\"", "7.0", "\" 7 \""] {
            assert_eq!(read(json).int(), Some(7), "{json}");
        }
        for json in [
            "null",
            "\"\"",
            "[]",
            "{}",
            "true",
            "7.5",
            "\"seven\"",
            "1e300",
        ] {
            assert_eq!(read(json).int(), None, "{json}");
        }
        for (json, flag) in [
            ("\"Y\"", Some(true)),
            ("\"N\"", Some(false)),
            ("true", Some(true)),
            ("0", Some(false)),
            ("\"1\"", Some(true)),
            ("\"E\"", None),
            ("null", None),
        ] {
            assert_eq!(read(json).flag(), flag, "{json}");
        }
        assert_eq!(read("5").text(), Some("5".to_owned()));
        assert_eq!(
            read("18446744073709551615").text(),
            Some("18446744073709551615".to_owned())
        );
        assert!(read("[]").is_empty() && !read("[0]").is_empty() && !read("0").is_empty());
    }

    #[test]
    fn a_list_may_be_written_as_an_object_with_numbers_for_keys() {
        let count = |json: &str| {
            let raw = RawValue::from_string(json.to_owned()).unwrap();
            elements(&raw, "result").map(|list| list.len()).ok()
        };
        assert_eq!(count("[]"), Some(0));
        assert_eq!(count("[1,2]"), Some(2));
        assert_eq!(count(r#"{"1":{},"5":{}}"#), Some(2));
        assert_eq!(count(r#"{"categories":[]}"#), None);
        assert_eq!(count("null"), None);
        assert_eq!(count("7"), None);
    }
}
