//! Parses what a portal posts of its own accord (bitrix24.md §1.6, §1.7). It believes nothing of it:
//! whether an event is the portal's is for the caller to find out by the application token, and an
//! event without one is a hint at most (§1.8). Access tokens in it are not even kept.

use std::collections::BTreeMap;

use crmap_domain::{EntityKind, MemberId};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::form::{self, FormError, LARGEST_BODY, LARGEST_FIELD, MOST_FIELDS};

const LONGEST_NAME: usize = 128;
const DEEPEST: usize = 6;
/// Bitrix24 did not post events before, and none is sent so far in the future.
const EARLIEST: OffsetDateTime = datetime!(2010-01-01 0:00 UTC);
const LATEST: OffsetDateTime = datetime!(2100-01-01 0:00 UTC);
/// Tokens differ between two postings of one event, as does the number of the handler where two
/// addresses of ours are bound; and secrets have no place in what is stored.
const NOT_DIGESTED: [&str; 6] = [
    "auth[access_token]",
    "auth[refresh_token]",
    "auth[application_token]",
    "auth[expires]",
    "auth[expires_in]",
    "event_handler_id",
];

/// One event of one portal.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The portal's identity as the event names it.
    pub member_id: MemberId,
    /// The secret that only the portal and the application know.
    pub application_token: Option<SecretString>,
    /// When the portal sent it, by its own clock, where it tells a moment that can be true.
    pub sent_at: Option<OffsetDateTime>,
    digest: [u8; 32],
}

/// What happened in the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The application was removed.
    Uninstalled {
        /// Whether its settings and data are to be deleted as well. Only a clear yes counts.
        clean: bool,
    },
    /// The application was installed.
    Installed,
    /// The application was updated.
    Updated,
    /// The state of its payment has changed.
    Payment,
    /// The custom fields of a kind have changed.
    FieldsChanged {
        /// The kind.
        entity: EntityKind,
    },
    /// Anything else, by its name in upper case.
    Other(String),
}

/// Why something is not an event. It names fields and shows no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The body does not call itself a form.
    #[error("the event is not a form")]
    NotAForm,
    /// The body is larger than any event.
    #[error("the event is larger than {LARGEST_BODY} bytes")]
    TooLarge,
    /// There are more fields than any event has.
    #[error("the event has more than {MOST_FIELDS} fields")]
    TooManyFields,
    /// A field is longer than any of an event.
    #[error("a field of the event is longer than {LARGEST_FIELD} bytes")]
    FieldTooLong,
    /// Something is not text in UTF-8, or contains a zero byte.
    #[error("the event is not text")]
    NotText,
    /// A name of a field is not one that PHP writes.
    #[error("the name of a field of the event is not one")]
    BadName,
    /// The same field came twice, or once as a value and once as a group.
    #[error("a field of the event came twice")]
    Twice,
    /// A field that must be there is missing or empty.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field is not what it has to be.
    #[error("the field {0} is not valid")]
    Invalid(&'static str),
}

impl From<FormError> for EventError {
    fn from(error: FormError) -> Self {
        match error {
            FormError::TooManyFields => Self::TooManyFields,
            FormError::FieldTooLong => Self::FieldTooLong,
            FormError::NotText => Self::NotText,
        }
    }
}

impl Event {
    /// Reads the urlencoded body of a posting; `content_type` is the header, where there was one.
    ///
    /// # Errors
    /// [`EventError`] for anything that no portal sends. Details without weight are no reason: an
    /// uninstallation that was refused is never sent again (bitrix24.md §1.7).
    pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Self, EventError> {
        if content_type.is_some_and(|text| !is_form(text)) {
            return Err(EventError::NotAForm);
        }
        if body.len() > LARGEST_BODY {
            return Err(EventError::TooLarge);
        }
        let fields = Fields::read(body)?;
        let name = fields.checked("event", is_name)?.to_ascii_uppercase();
        let member_id = MemberId::parse(fields.filled("auth[member_id]")?)
            .map_err(|_| EventError::Invalid("auth[member_id]"))?;
        Ok(Self {
            kind: kind(&name, &fields),
            application_token: fields.secret("auth[application_token]")?,
            sent_at: fields.moment("ts"),
            digest: fields.digest(&name, &member_id),
            member_id,
        })
    }

    /// The same for two postings of the same event, whatever the order of their fields and whichever
    /// tokens they carry; different for different events.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

fn kind(name: &str, fields: &Fields) -> EventKind {
    match name {
        "ONAPPUNINSTALL" => EventKind::Uninstalled {
            clean: matches!(fields.optional("data[CLEAN]"), Some("1" | "Y" | "y")),
        },
        "ONAPPINSTALL" => EventKind::Installed,
        "ONAPPUPDATE" => EventKind::Updated,
        "ONAPPPAYMENT" => EventKind::Payment,
        _ => match changed(name) {
            Some(entity) => EventKind::FieldsChanged { entity },
            None => EventKind::Other(name.to_owned()),
        },
    }
}

/// The kind in `ONCRM{kind}USERFIELD{change}` (bitrix24.md §1.10).
fn changed(name: &str) -> Option<EntityKind> {
    let (kind, change) = name.strip_prefix("ONCRM")?.split_once("USERFIELD")?;
    if !FIELD_CHANGES.contains(&change) {
        return None;
    }
    EntityKind::ALL
        .into_iter()
        .find(|entity| entity_code(*entity) == kind)
}

/// What may happen to a custom field, in names of events.
pub(crate) const FIELD_CHANGES: [&str; 4] = ["ADD", "UPDATE", "DELETE", "SETENUMVALUES"];

/// An entity in names of events.
pub(crate) const fn entity_code(entity: EntityKind) -> &'static str {
    match entity {
        EntityKind::Deal => "DEAL",
        EntityKind::Contact => "CONTACT",
        EntityKind::Company => "COMPANY",
        EntityKind::Lead => "LEAD",
    }
}

/// The fields by their full names, in the order of those.
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn read(body: &[u8]) -> Result<Self, EventError> {
        let mut fields = BTreeMap::new();
        for (name, value) in form::fields(body, MOST_FIELDS)? {
            if !is_field(&name) {
                return Err(EventError::BadName);
            }
            if fields.insert(name, value).is_some() {
                return Err(EventError::Twice);
            }
        }
        let fields = Self(fields);
        // `auth` beside `auth[member_id]` would mean something else to whoever reads it in PHP.
        let mut names = fields.0.keys();
        if names.any(|name| fields.has_group(name)) {
            return Err(EventError::Twice);
        }
        Ok(fields)
    }

    fn has_group(&self, name: &str) -> bool {
        let group = format!("{name}[");
        let after = self.0.range(group.clone()..).next();
        after.is_some_and(|(next, _)| next.starts_with(&group))
    }

    /// An empty field is as good as none.
    fn optional(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    fn filled(&self, name: &'static str) -> Result<&str, EventError> {
        self.optional(name).ok_or(EventError::Missing(name))
    }

    fn checked(&self, name: &'static str, valid: fn(&str) -> bool) -> Result<&str, EventError> {
        let value = self.filled(name)?;
        if valid(value) {
            Ok(value)
        } else {
            Err(EventError::Invalid(name))
        }
    }

    /// A moment that cannot be true is as good as none.
    fn moment(&self, name: &str) -> Option<OffsetDateTime> {
        let text = self.optional(name)?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let moment = OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok()?;
        (EARLIEST..LATEST).contains(&moment).then_some(moment)
    }

    /// Tokens are printable ASCII without spaces.
    fn secret(&self, name: &'static str) -> Result<Option<SecretString>, EventError> {
        match self.optional(name) {
            Some(text) if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(EventError::Invalid(name))
            }
            text => Ok(text.map(SecretString::from)),
        }
    }

    /// Every part goes in with its length, so that no two events run into each other.
    fn digest(&self, name: &str, member_id: &MemberId) -> [u8; 32] {
        let mut digest = Sha256::new();
        let mut put = |text: &str| {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        };
        put(member_id.as_str());
        put(name);
        put(self.optional("ts").unwrap_or_default());
        let body = self.0.iter().filter(|(name, _)| {
            let known = ["event", "ts", "auth[member_id]"].contains(&name.as_str());
            !known && !NOT_DIGESTED.contains(&name.as_str())
        });
        for (name, value) in body {
            put(name);
            put(value);
        }
        digest.finalize().into()
    }
}

fn is_form(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST_NAME && text.bytes().all(allowed)
}

/// `name` or `name[part][part]…`, in the one way in which PHP writes it.
fn is_field(name: &str) -> bool {
    let (first, rest) = match name.split_once('[') {
        None => return is_part(name),
        Some((first, rest)) => (first, rest),
    };
    let Some(inner) = rest.strip_suffix(']') else {
        return false;
    };
    is_part(first) && inner.split("][").count() <= DEEPEST && inner.split("][").all(is_part)
}

fn is_part(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(allowed)
}
