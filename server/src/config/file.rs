//! The file that settings stand in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Value;

use super::{ConfigError, Setting, TWIN};

/// Beyond this distance two words do not look alike.
const FAR: usize = 4;

/// What stands in a file of settings. It may hold secrets.
pub(crate) struct ConfigFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Each setting's values as they would be written on the command line.
    pub(super) values: BTreeMap<String, Vec<String>>,
    /// Whether there is a secret among them.
    pub(super) holds_secrets: bool,
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A [`ConfigError`] for a file that cannot be read or understood, and for keys that no setting
    /// has.
    pub(super) fn read(
        path: &Path,
        settings: &BTreeMap<String, Setting>,
    ) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text, settings)
    }

    /// Understands the text of a file.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(super) fn parse(
        path: &Path,
        text: &str,
        settings: &BTreeMap<String, Setting>,
    ) -> Result<Self, ConfigError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            ConfigError::NotToml {
                path: path.to_owned(),
                line: 1 + text
                    .bytes()
                    .take(start)
                    .filter(|byte| *byte == b'\n')
                    .count(),
                said: error.message().to_owned(),
            }
        })?;
        let mut values = BTreeMap::new();
        for (key, value) in table {
            let setting = settings.get(&key).ok_or_else(|| ConfigError::Unknown {
                path: path.to_owned(),
                nearest: nearest(&key, settings.keys()),
                key: key.clone(),
            })?;
            let written = written(&value, setting).map_err(|wanted| ConfigError::OtherKind {
                path: path.to_owned(),
                key: key.clone(),
                wanted,
            })?;
            values.insert(key, written);
        }
        match values
            .keys()
            .find(|key| values.contains_key(&format!("{key}{TWIN}")))
        {
            Some(key) => Err(ConfigError::Twice {
                path: path.to_owned(),
                key: key.clone(),
            }),
            None => Ok(Self {
                path: path.to_owned(),
                holds_secrets: values
                    .keys()
                    .any(|key| settings.get(key).is_some_and(|setting| setting.secret)),
                values,
            }),
        }
    }
}

/// A value as it would be written on the command line; an error is the kinds that would do.
fn written(value: &Value, setting: &Setting) -> Result<Vec<String>, &'static str> {
    let wanted = if setting.many {
        "a text, a number or a list of these"
    } else {
        "a text, a whole number, true or false"
    };
    match value {
        Value::Array(values) if setting.many => values
            .iter()
            .map(|value| one(value).ok_or(wanted))
            .collect(),
        value => Ok(vec![one(value).ok_or(wanted)?]),
    }
}

fn one(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The setting that `key` looks most like, if any does; names of flags and of environment variables
/// are as good.
fn nearest<'a>(key: &str, settings: impl Iterator<Item = &'a String>) -> Option<String> {
    let folded = key.to_lowercase().replace('-', "_");
    let folded = folded.strip_prefix("crmap_").unwrap_or(&folded);
    let (distance, found) = settings
        .map(|setting| (strsim::damerau_levenshtein(folded, setting), setting))
        .min()?;
    (distance <= FAR && distance * 2 < found.len()).then(|| found.clone())
}
