//! The keys that tokens are sealed with: where they come from and how they are told apart.

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::files::{lax_mode, make_private_folder, new_private};

pub(crate) const KEY_BYTES: usize = 32;
const MAX_ID: usize = 32;
/// More than any ring that somebody would write by hand.
const MAX_FILE: u64 = 64 * 1024;

#[derive(Clone)]
struct SealingKey {
    id: String,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

/// The keys, the newest first: it seals, all of them open. Shows its identifiers alone.
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<SealingKey>,
}

/// A ring from a file, with what somebody should know about that file.
#[derive(Debug)]
pub struct LoadedKeys {
    /// The keys.
    pub keys: KeyRing,
    /// Whether the file was made just now.
    pub created: bool,
    /// The file's mode where others than its owner may read it (SEC-33): `0644`.
    pub lax_mode: Option<String>,
}

impl KeyRing {
    /// Reads `id:base64,id2:base64`, the newest key first; line ends separate as commas do.
    ///
    /// # Errors
    /// [`StoreError::Keys`] for an empty ring, an identifier that is used twice or has other signs
    /// than letters, digits, `-` and `_`, and for keys of another length than 32 bytes. The text
    /// never shows a key.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let mut keys: Vec<SealingKey> = Vec::new();
        let entries = text.split([',', '\n']).map(str::trim);
        for (number, entry) in entries.filter(|entry| !entry.is_empty()).enumerate() {
            let key = parse_entry(entry, number + 1)?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(wrong(format!("the identifier `{}` is used twice", key.id)));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(wrong("there is no key"));
        }
        Ok(Self { keys })
    }

    /// One new key, `id` made of `random`, which must be 32 bytes from a secure source.
    #[must_use]
    pub fn generate(random: [u8; KEY_BYTES]) -> Self {
        let key = SealingKey {
            id: id_of(&random),
            bytes: Zeroizing::new(random),
        };
        Self { keys: vec![key] }
    }

    /// The ring of a file; where there is none, `random` becomes its first key. The file is made
    /// for its owner's eyes alone, and so is its folder where it is missing.
    ///
    /// # Errors
    /// [`StoreError::Keys`] for what [`parse`](Self::parse) refuses, others for a file that cannot
    /// be read or made.
    pub fn load_or_create(path: &Path, random: [u8; KEY_BYTES]) -> Result<LoadedKeys, StoreError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            make_private_folder(folder)?;
        }
        match new_private(path) {
            Ok(file) => Self::create(file, path, random),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(error.into()),
        }
    }

    /// The ring of a file that is there.
    ///
    /// # Errors
    /// As [`load_or_create`](Self::load_or_create).
    pub fn load(path: &Path) -> Result<LoadedKeys, StoreError> {
        let file = File::open(path)?;
        let lax_mode = lax_mode(&file)?;
        let mut text = Zeroizing::new(String::new());
        file.take(MAX_FILE).read_to_string(&mut text)?;
        Ok(LoadedKeys {
            keys: Self::parse(&text)?,
            created: false,
            lax_mode,
        })
    }

    fn create(
        mut file: File,
        path: &Path,
        random: [u8; KEY_BYTES],
    ) -> Result<LoadedKeys, StoreError> {
        let keys = Self::generate(random);
        let written = file
            .write_all(keys.to_text().as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder_of(path));
        if let Err(error) = written {
            // A half-written ring would be taken for a whole one at the next start.
            std::fs::remove_file(path)?;
            return Err(error.into());
        }
        Ok(LoadedKeys {
            keys,
            created: true,
            lax_mode: None,
        })
    }

    /// The form that [`parse`](Self::parse) reads. It is secret.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for key in &self.keys {
            text.push_str(&key.id);
            text.push(':');
            text.push_str(&Zeroizing::new(STANDARD.encode(*key.bytes)));
            text.push('\n');
        }
        text
    }

    /// This ring with a new key in front, made of `random`.
    #[must_use]
    pub fn with_new_key(&self, random: [u8; KEY_BYTES]) -> Self {
        let mut keys = Self::generate(random).keys;
        keys.extend(self.keys.iter().cloned());
        Self { keys }
    }

    /// The identifiers, the newest first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    pub(crate) fn newest(&self) -> (&str, &[u8; KEY_BYTES]) {
        // `parse` and `generate` give no empty ring.
        let key = &self.keys[0];
        (&key.id, &key.bytes)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&[u8; KEY_BYTES]> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        Some(&key.bytes)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.ids()).finish()
    }
}

fn wrong(why: impl std::fmt::Display) -> StoreError {
    StoreError::Keys(format!("the keys of the vault cannot be used: {why}"))
}

/// `number` names the entry in errors; its text may be a key that stands in the wrong place.
fn parse_entry(entry: &str, number: usize) -> Result<SealingKey, StoreError> {
    let (id, key) = entry
        .split_once(':')
        .ok_or_else(|| wrong(format!("entry {number} is not of the form id:base64")))?;
    let valid = !id.is_empty()
        && id.len() <= MAX_ID
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !valid {
        return Err(wrong(format!(
            "the identifier of entry {number} must be 1 to {MAX_ID} letters, digits, - or _"
        )));
    }
    let decoded = STANDARD
        .decode(key.trim())
        .map(Zeroizing::new)
        .map_err(|_error| wrong(format!("the key `{id}` is not base64")))?;
    let bytes: [u8; KEY_BYTES] = decoded.as_slice().try_into().map_err(|_error| {
        wrong(format!(
            "the key `{id}` has {} bytes instead of {KEY_BYTES}",
            decoded.len()
        ))
    })?;
    Ok(SealingKey {
        id: id.to_owned(),
        bytes: Zeroizing::new(bytes),
    })
}

/// Two rings of the same random bytes would be the same ring, so a digest of them tells keys apart
/// without telling anything of them.
fn id_of(random: &[u8; KEY_BYTES]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new()
        .chain_update("crmap key id")
        .chain_update(random)
        .finalize();
    let mut id = String::from("k");
    for byte in digest.iter().take(4) {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
