//! A trail: the deeds of one owner, each with a digest of itself and of the one before it (SEC-71).
//! The digests are keyed, so that whoever has the database alone can neither change a deed, nor
//! remove or insert one, without [`Store::verify`](crate::Store::verify) finding it. Nobody but the
//! whole of an older copy of a trail, put back as it was, gets past that.

use crmap_domain::MemberId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::any::AnyRow;

use crate::StoreError;
use crate::columns::Columns;
use crate::own_key::OwnKey;

/// Whose deeds are one trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trail {
    /// Those of an account, whichever portal they name.
    Account(String),
    /// Those of a portal that belong to no account.
    Portal(String),
    /// All others.
    Operator,
}

impl Trail {
    pub(crate) fn of_account(id: &str) -> Self {
        Self::Account(id.to_owned())
    }

    pub(crate) fn of_portal(member_id: &MemberId) -> Self {
        Self::Portal(member_id.as_str().to_owned())
    }

    fn of(deed: &Deed) -> Self {
        match (&deed.account_id, &deed.member_id) {
            (Some(account), _) => Self::Account(account.clone()),
            (None, Some(member_id)) => Self::Portal(member_id.clone()),
            (None, None) => Self::Operator,
        }
    }

    /// What names it in the database.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::Portal(member_id) => format!("portal:{member_id}"),
            Self::Operator => "operator".to_owned(),
        }
    }
}

/// A deed as the database keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) member_id: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) detail: String,
}

impl Deed {
    /// The columns that [`from_columns`](Self::from_columns) reads.
    pub(super) const COLUMNS: &str = "id, at, member_id, account_id, actor, action, detail";

    pub(super) fn from_columns(columns: &Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: columns.text("id")?,
            at: columns.int("at")?,
            member_id: columns.maybe_text("member_id")?,
            account_id: columns.maybe_text("account_id")?,
            actor: columns.text("actor")?,
            action: columns.text("action")?,
            detail: columns.text("detail")?,
        })
    }

    pub(super) fn trail(&self) -> Trail {
        Trail::of(self)
    }
}

/// Where a trail begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ends {
    /// The place of the oldest deed that is kept.
    pub(super) first_place: i64,
    /// The digest of the deed before that.
    pub(super) before_mac: Vec<u8>,
    /// The place of the newest deed.
    pub(super) last_place: i64,
    /// Its digest.
    pub(super) last_mac: Vec<u8>,
    /// Whether its owner was there before it.
    pub(super) late: bool,
}

impl Ends {
    /// Of a trail without a deed.
    pub(super) const fn new(late: bool) -> Self {
        Self {
            first_place: 1,
            before_mac: Vec::new(),
            last_place: 0,
            last_mac: Vec::new(),
            late,
        }
    }

    pub(super) fn from_row(row: &AnyRow, trail: &str) -> Result<Self, StoreError> {
        let columns = Columns::new(row, "audit_trail", trail);
        Ok(Self {
            first_place: columns.int("first_place")?,
            before_mac: columns.bytes("before_mac")?,
            last_place: columns.int("last_place")?,
            last_mac: columns.bytes("last_mac")?,
            late: columns.flag("late")?,
        })
    }
}

/// What trails are digested with.
#[derive(Clone)]
pub(crate) struct TrailKey(pub(super) OwnKey);

impl TrailKey {
    /// Of a deed in its place after the one with the digest `before`.
    pub(super) fn of_deed(
        &self,
        place: i64,
        before: &[u8],
        deed: &Deed,
    ) -> Result<Vec<u8>, StoreError> {
        let Deed {
            id,
            at,
            member_id,
            account_id,
            actor,
            action,
            detail,
        } = deed;
        self.mac(&[
            Some(b"deed"),
            Some(deed.trail().name().as_bytes()),
            Some(&place.to_be_bytes()),
            Some(before),
            Some(id.as_bytes()),
            Some(&at.to_be_bytes()),
            member_id.as_ref().map(String::as_bytes),
            account_id.as_ref().map(String::as_bytes),
            Some(actor.as_bytes()),
            Some(action.as_bytes()),
            Some(detail.as_bytes()),
        ])
    }

    /// Of the ends of a trail.
    pub(super) fn of_ends(&self, trail: &str, ends: &Ends) -> Result<Vec<u8>, StoreError> {
        self.mac(&[
            Some(b"ends"),
            Some(trail.as_bytes()),
            Some(&ends.first_place.to_be_bytes()),
            Some(&ends.before_mac),
            Some(&ends.last_place.to_be_bytes()),
            Some(&ends.last_mac),
            Some(&[u8::from(ends.late)]),
        ])
    }

    /// Of the place of a deed that was erased.
    pub(super) fn of_gap(
        &self,
        trail: &str,
        place: i64,
        gone: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        self.mac(&[
            Some(b"gap"),
            Some(trail.as_bytes()),
            Some(&place.to_be_bytes()),
            Some(gone),
        ])
    }

    /// Each part has its length before it, or says that it is not there, so that no two rows look
    /// alike.
    fn mac(&self, parts: &[Option<&[u8]>]) -> Result<Vec<u8>, StoreError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .map_err(|error| StoreError::Internal(error.into()))?;
        for part in parts {
            match part {
                Some(part) => {
                    mac.update(&(part.len() as u64).to_be_bytes());
                    mac.update(part);
                }
                None => mac.update(&u64::MAX.to_be_bytes()),
            }
        }
        Ok(mac.finalize().into_bytes().to_vec())
    }
}
