//! Request parameters as PHP would see them: ordered maps out of JSON, forms and query strings.
//!
//! Order matters (batch commands run in it), so this is not `serde_json::Value`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::envelope::php_array;

/// One parameter: a scalar or an ordered map. A list is a map with the keys 0, 1, 2… (§3.1).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Param {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Map(Vec<(String, Param)>),
}

impl Param {
    pub(crate) fn empty() -> Self {
        Self::Map(Vec::new())
    }

    /// Reads an urlencoded text with PHP's brackets: `filter[ID][]=5`.
    pub(crate) fn from_urlencoded(text: &str) -> Self {
        let mut root = Self::empty();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            root.insert(&bracket_path(&key), Self::Text(value.into_owned()));
        }
        root
    }

    /// The member of that exact name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The member of that name in any case, as the classic modules read their parameters.
    pub(crate) fn get_any_case(&self, name: &str) -> Option<&Self> {
        let found = self
            .entries()
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// The members of a map; a scalar has none.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// The scalar as PHP turns it into a string.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Null | Self::Map(_) | Self::Bool(false) => String::new(),
            Self::Bool(true) => "1".into(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// The same as JSON, lists and maps as PHP writes them.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
            Self::Map(entries) => php_array(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_value()))
                    .collect(),
            ),
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        self.text().trim().parse().ok()
    }

    /// PHP's idea of truth, with `"N"` and `"false"` counted as no.
    pub(crate) fn is_yes(&self) -> bool {
        !matches!(self.text().as_str(), "" | "0" | "N" | "n" | "false")
    }

    /// Adds the members of `other`, which win over those already there.
    pub(crate) fn overlay(&mut self, other: Self) {
        if let (Self::Map(mine), Self::Map(theirs)) = (self, other) {
            for (key, value) in theirs {
                mine.retain(|(name, _)| *name != key);
                mine.push((key, value));
            }
        }
    }

    fn insert(&mut self, path: &[String], value: Self) {
        let Some((head, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if !self.is_map() {
            *self = Self::empty();
        }
        let Self::Map(entries) = self else { return };
        let key = if head.is_empty() {
            next_index(entries)
        } else {
            head.clone()
        };
        let position = entries
            .iter()
            .position(|(name, _)| *name == key)
            .unwrap_or_else(|| {
                entries.push((key, Self::Null));
                entries.len() - 1
            });
        entries[position].1.insert(rest, value);
    }
}

fn next_index(entries: &[(String, Param)]) -> String {
    let highest = entries
        .iter()
        .filter_map(|(key, _)| key.parse::<u64>().ok())
        .max();
    highest.map_or(0, |index| index + 1).to_string()
}

/// Splits `filter[ID][]` into `filter`, `ID` and the empty name that stands for the next index.
fn bracket_path(key: &str) -> Vec<String> {
    let Some((head, mut rest)) = key.split_once('[') else {
        return vec![key.to_owned()];
    };
    let mut path = vec![head.to_owned()];
    loop {
        let Some((name, tail)) = rest.split_once(']') else {
            return path;
        };
        path.push(name.to_owned());
        match tail.strip_prefix('[') {
            Some(more) => rest = more,
            None => return path,
        }
    }
}

impl From<&Value> for Param {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::Map(
                items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| (i.to_string(), item.into()))
                    .collect(),
            ),
            Value::Object(members) => Self::Map(
                members
                    .iter()
                    .map(|(key, item)| (key.clone(), item.into()))
                    .collect(),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for Param {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParamVisitor)
    }
}

struct ParamVisitor;

impl<'de> Visitor<'de> for ParamVisitor {
    type Value = Param;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Param, E> {
        Ok(Param::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Param, E> {
        Ok(Param::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Param, E> {
        Ok(Param::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Param, E> {
        Ok(Param::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Param, E> {
        Ok(Number::from_f64(number).map_or(Param::Null, Param::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Param, E> {
        Ok(Param::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Param, A::Error> {
        let mut entries = Vec::new();
        while let Some(item) = items.next_element()? {
            entries.push((entries.len().to_string(), item));
        }
        Ok(Param::Map(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Param, A::Error> {
        let mut root = Param::empty();
        while let Some((key, value)) = members.next_entry::<String, Param>()? {
            root.overlay(Param::Map(vec![(key, value)]));
        }
        Ok(root)
    }
}
