//! Sealing of secrets before they reach a table: an envelope tells which key opens it, and opens in
//! the one place that it was made for (SEC-30, 31).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use crmap_domain::MemberId;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::StoreError;
use crate::columns::Columns;
use crate::entropy::Entropy;
use crate::keys::{KEY_BYTES, KeyRing};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// The place of a sealed value. An envelope that was moved to another place, or brought back into
/// its own after the generation went on, does not open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a str,
    pub(crate) member_id: &'a str,
    pub(crate) user_id: i64,
    pub(crate) column: &'static str,
    pub(crate) generation: i64,
}

impl<'a> Place<'a> {
    /// The application's token of a portal; each replacement has a number.
    pub(crate) fn of_application_token(member_id: &'a MemberId, version: i64) -> Self {
        Self {
            table: "portal",
            row: member_id.as_str(),
            member_id: member_id.as_str(),
            user_id: 0,
            column: "sealed_application_token",
            generation: version,
        }
    }

    /// The connection token of an account; each replacement has a number.
    pub(crate) const fn of_connection_token(account_id: &'a str, version: i64) -> Self {
        Self {
            table: "account",
            row: account_id,
            member_id: "",
            user_id: 0,
            column: "sealed_connection_token",
            generation: version,
        }
    }

    /// A mail on its way out, which is written once.
    pub(crate) const fn of_mail(id: &'a str) -> Self {
        Self {
            table: "outbox",
            row: id,
            member_id: "",
            user_id: 0,
            column: "sealed_mail",
            generation: 0,
        }
    }

    /// A key by which secrets are found, which is never replaced.
    pub(crate) const fn of_index_key(name: &'a str) -> Self {
        Self {
            table: "index_key",
            row: name,
            member_id: "",
            user_id: 0,
            column: "sealed_key",
            generation: 0,
        }
    }

    /// What binds the value to its place. Each part has its length before it, so that no two
    /// places look alike.
    fn associated_data(&self) -> Vec<u8> {
        let mut data = vec![VERSION];
        for part in [self.table, self.row, self.member_id, self.column] {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part.as_bytes());
        }
        data.extend(self.user_id.to_be_bytes());
        data.extend(self.generation.to_be_bytes());
        data
    }

    fn corrupt(&self) -> StoreError {
        let row = if self.user_id == 0 {
            self.row.to_owned()
        } else {
            format!("{}/{}", self.member_id, self.user_id)
        };
        StoreError::corrupt(self.table, row, self.column)
    }
}

/// Seals with the newest key and opens with all.
#[derive(Clone)]
pub(crate) struct Vault {
    keys: KeyRing,
    entropy: Arc<dyn Entropy>,
}

impl Vault {
    pub(crate) fn new(keys: KeyRing, entropy: Arc<dyn Entropy>) -> Self {
        Self { keys, entropy }
    }

    pub(crate) const fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// `v1 | length of key id | key id | nonce | ciphertext`.
    pub(crate) fn seal(
        &self,
        place: &Place<'_>,
        secret: &SecretString,
    ) -> Result<Vec<u8>, StoreError> {
        let (id, key) = self.keys.newest();
        self.seal_with(id, key, place, secret.expose_secret().as_bytes())
    }

    fn seal_with(
        &self,
        id: &str,
        key: &[u8; KEY_BYTES],
        place: &Place<'_>,
        secret: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE_BYTES] = self.random();
        let data = place.associated_data();
        let payload = Payload {
            msg: secret,
            aad: &data,
        };
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_error| StoreError::Keys("a value is too long to be sealed".to_owned()))?;
        let mut envelope = head(id);
        envelope.extend(nonce);
        envelope.extend(sealed);
        Ok(envelope)
    }

    /// # Errors
    /// [`StoreError::Keys`] where the ring lacks the key, [`StoreError::Corrupt`] for everything
    /// else that does not open.
    pub(crate) fn open(
        &self,
        place: &Place<'_>,
        envelope: &[u8],
    ) -> Result<SecretString, StoreError> {
        open(&self.keys, place, envelope)
    }

    /// The value of a column, where there is one.
    pub(crate) fn open_column(
        &self,
        columns: &Columns<'_>,
        place: &Place<'_>,
    ) -> Result<Option<SecretString>, StoreError> {
        columns
            .maybe_bytes(place.column)?
            .map(|envelope| self.open(place, &envelope))
            .transpose()
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A new name for a row.
    pub(crate) fn new_id(&self) -> String {
        uuid::Builder::from_random_bytes(self.random())
            .into_uuid()
            .to_string()
    }

    /// A known value under one of the keys, by which a wrong key of the same name is found.
    pub(crate) fn check_value(&self, id: &str) -> Result<Vec<u8>, StoreError> {
        let key = self
            .keys
            .find(id)
            .ok_or_else(|| StoreError::Keys(format!("there is no key `{id}`")))?;
        self.seal_with(id, key, &check_place(id), CHECK)
    }
}

/// Whether the ring's key of this name is the one that made a [`Vault::check_value`].
pub(crate) fn accepts_check(keys: &KeyRing, id: &str, envelope: &[u8]) -> bool {
    open(keys, &check_place(id), envelope)
        .is_ok_and(|text| text.expose_secret().as_bytes() == CHECK)
}

fn open(keys: &KeyRing, place: &Place<'_>, envelope: &[u8]) -> Result<SecretString, StoreError> {
    let parts = Envelope::parse(envelope).ok_or_else(|| place.corrupt())?;
    let key = keys.find(parts.key_id).ok_or_else(|| {
        StoreError::Keys(format!(
            "a stored value is sealed with the key `{}`, which is not among the keys",
            parts.key_id
        ))
    })?;
    let data = place.associated_data();
    let payload = Payload {
        msg: parts.sealed,
        aad: &data,
    };
    let opened = cipher(key)
        .decrypt(&XNonce::from(parts.nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_error| place.corrupt())?;
    let text = std::str::from_utf8(&opened).map_err(|_error| place.corrupt())?;
    Ok(SecretString::from(text))
}

const CHECK: &[u8] = b"crmap";

fn check_place(id: &str) -> Place<'_> {
    Place {
        table: "key_check",
        row: id,
        member_id: "",
        user_id: 0,
        column: "sealed_check",
        generation: 0,
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

struct Envelope<'a> {
    key_id: &'a str,
    nonce: [u8; NONCE_BYTES],
    sealed: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (key_id, rest) = split_head(bytes)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        Some(Self {
            key_id,
            nonce: *nonce,
            sealed,
        })
    }
}

fn split_head(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (&[version, id_length], rest) = bytes.split_first_chunk::<2>()?;
    let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
    (version == VERSION).then_some((std::str::from_utf8(id).ok()?, rest))
}

/// The key that an envelope is sealed with, of which the beginning is enough.
pub(crate) fn key_id_of(envelope: &[u8]) -> Option<&str> {
    Some(split_head(envelope)?.0)
}

/// How envelopes of the newest key begin.
pub(crate) fn envelope_head(keys: &KeyRing) -> Vec<u8> {
    head(keys.newest().0)
}

/// Identifiers of keys have 32 letters at the most.
fn head(id: &str) -> Vec<u8> {
    let mut head = vec![VERSION, id.len() as u8];
    head.extend(id.as_bytes());
    head
}
