//! Parses what a portal posts when somebody opens the application (bitrix24.md §1.3, SEC-01). It
//! believes nothing of it: everything may be forged until the authority confirms it. What a portal
//! says of the authority itself, of the application's status and of its scopes is not even kept
//! (SEC-05).

use std::collections::HashMap;

use crmap_crm::OpeningClaim;
use crmap_domain::MemberId;
use secrecy::SecretString;

use crate::form::{self, FormError, LARGEST_BODY, LARGEST_FIELD, MOST_FIELDS};

const LONGEST_APP_SID: usize = 128;
const LONGEST_PLACEMENT: usize = 128;
const LONGEST_ADDRESS: usize = 255;

/// One opening of the application in a portal.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What is to be proved.
    pub claim: OpeningClaim,
    /// The language of the portal's interface, as the portal names it.
    pub lang: String,
    /// Ties the frame to the page around it.
    pub app_sid: String,
    /// Whether the portal's pages come by https.
    pub secure: bool,
    /// For how many seconds the access token is said to last.
    pub expires_in: Option<u32>,
    /// The place in the portal where the application was opened; `DEFAULT` for its own page.
    pub placement: String,
    /// What renews the access token.
    pub refresh_token: Option<SecretString>,
    /// The secret that events of this portal will carry.
    pub application_token: Option<SecretString>,
}

/// Why something is not an opening. It names fields and shows no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// Query and body together are larger than any opening.
    #[error("the opening is larger than {LARGEST_BODY} bytes")]
    TooLarge,
    /// There are more fields than any opening has.
    #[error("the opening has more than {MOST_FIELDS} fields")]
    TooManyFields,
    /// A field is longer than any of an opening.
    #[error("a field of the opening is longer than {LARGEST_FIELD} bytes")]
    FieldTooLong,
    /// Something is not text in UTF-8, or contains a zero byte.
    #[error("the opening is not text")]
    NotText,
    /// The same field came twice.
    #[error("the field {0} came twice")]
    Twice(&'static str),
    /// A field that must be there is missing or empty.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field is not what it has to be.
    #[error("the field {0} is not valid")]
    Invalid(&'static str),
}

impl From<FormError> for OpeningError {
    fn from(error: FormError) -> Self {
        match error {
            FormError::TooManyFields => Self::TooManyFields,
            FormError::FieldTooLong => Self::FieldTooLong,
            FormError::NotText => Self::NotText,
        }
    }
}

/// Every field that is of interest; others may come and are left alone.
pub(crate) const KNOWN: [&str; 10] = [
    "DOMAIN",
    "PROTOCOL",
    "LANG",
    "APP_SID",
    "AUTH_ID",
    "AUTH_EXPIRES",
    "REFRESH_ID",
    "APPLICATION_TOKEN",
    "member_id",
    "PLACEMENT",
];

impl Opening {
    /// Reads the query of the address and the urlencoded body of the form.
    ///
    /// # Errors
    /// [`OpeningError`] for anything that no portal sends.
    pub fn parse(query: &str, body: &[u8]) -> Result<Self, OpeningError> {
        if query.len() + body.len() > LARGEST_BODY {
            return Err(OpeningError::TooLarge);
        }
        let mut fields = Fields::default();
        fields.read(query.as_bytes())?;
        fields.read(body)?;
        let member_id = fields.filled("member_id")?;
        let claim = OpeningClaim {
            access_token: fields
                .secret("AUTH_ID")?
                .ok_or(OpeningError::Missing("AUTH_ID"))?,
            member_id: MemberId::parse(&member_id)
                .map_err(|_| OpeningError::Invalid("member_id"))?,
            address: fields.checked("DOMAIN", is_address)?,
        };
        let secure = match fields.optional("PROTOCOL").as_deref() {
            None | Some("1") => true,
            Some("0") => false,
            Some(_) => return Err(OpeningError::Invalid("PROTOCOL")),
        };
        Ok(Self {
            claim,
            secure,
            lang: fields.checked("LANG", is_lang)?,
            app_sid: fields.checked("APP_SID", is_app_sid)?,
            expires_in: fields.number("AUTH_EXPIRES")?,
            placement: match fields.optional("PLACEMENT") {
                None => "DEFAULT".to_owned(),
                Some(_) => fields.checked("PLACEMENT", is_placement)?,
            },
            refresh_token: fields.secret("REFRESH_ID")?,
            application_token: fields.secret("APPLICATION_TOKEN")?,
        })
    }
}

#[derive(Default)]
struct Fields {
    seen: usize,
    names: HashMap<String, ()>,
    values: HashMap<&'static str, String>,
}

impl Fields {
    fn read(&mut self, encoded: &[u8]) -> Result<(), OpeningError> {
        let fields = form::fields(encoded, MOST_FIELDS - self.seen)?;
        self.seen += fields.len();
        for (name, value) in fields {
            let known = KNOWN.into_iter().find(|known| *known == name);
            if self.names.insert(name, ()).is_some() {
                return Err(OpeningError::Twice(known.unwrap_or("(unknown)")));
            }
            if let Some(known) = known {
                self.values.insert(known, value);
            }
        }
        Ok(())
    }

    /// An empty field is as good as none.
    fn optional(&self, name: &'static str) -> Option<String> {
        self.values
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    fn filled(&self, name: &'static str) -> Result<String, OpeningError> {
        self.optional(name).ok_or(OpeningError::Missing(name))
    }

    fn checked(&self, name: &'static str, valid: fn(&str) -> bool) -> Result<String, OpeningError> {
        let value = self.filled(name)?;
        if valid(&value) {
            Ok(value)
        } else {
            Err(OpeningError::Invalid(name))
        }
    }

    fn number(&self, name: &'static str) -> Result<Option<u32>, OpeningError> {
        let parse = |text: String| text.parse().map_err(|_| OpeningError::Invalid(name));
        self.optional(name).map(parse).transpose()
    }

    /// Tokens are printable ASCII without spaces.
    fn secret(&self, name: &'static str) -> Result<Option<SecretString>, OpeningError> {
        match self.optional(name) {
            Some(text) if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(OpeningError::Invalid(name))
            }
            text => Ok(text.map(SecretString::from)),
        }
    }
}

fn is_lang(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_app_sid(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    text.len() <= LONGEST_APP_SID && text.bytes().all(allowed)
}

fn is_placement(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    text.len() <= LONGEST_PLACEMENT && text.bytes().all(allowed)
}

/// `host[:port]` and nothing else. It is compared and shown, and never called.
fn is_address(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let good_port = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    let allowed = |char: char| char == '-' || char == '.' || char == '_' || char.is_alphanumeric();
    text.len() <= LONGEST_ADDRESS
        && good_port
        && !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        && host.chars().all(allowed)
}
