//! Who is let into an account, and what an opening claims and proves.

use crmap_domain::MemberId;
use secrecy::SecretString;
use time::OffsetDateTime;

/// What it takes to call one account.
#[derive(Debug, Clone)]
pub struct Access {
    /// The base address of the account's interface, as its authority gave it:
    /// `https://demo.bitrix24.ru/rest/`.
    pub base: String,
    /// The right to call it.
    pub credential: Credential,
    /// The account's identity, where it is known.
    pub member_id: Option<MemberId>,
    /// The user whose rights these are, where it is known.
    pub user_id: Option<i64>,
}

/// The right to call an account.
#[derive(Debug, Clone)]
pub enum Credential {
    /// An access token of one user.
    Token(SecretString),
    /// The user and the code of an incoming webhook.
    Webhook {
        /// The user whose rights the webhook has.
        user_id: i64,
        /// The secret part of its address.
        code: SecretString,
    },
}

/// What the form of an opening says. Everything in it may be forged.
#[derive(Debug, Clone)]
pub struct OpeningClaim {
    /// The access token of the user who opens the application.
    pub access_token: SecretString,
    /// The account's identity as the form names it.
    pub member_id: MemberId,
    /// The account's address as the form names it: host, with the port where it is not the usual.
    pub address: String,
}

/// What the authority confirmed of an opening.
#[derive(Debug, Clone)]
pub struct ProvenOpening {
    /// The account.
    pub member_id: MemberId,
    /// Its address: host, with the port where it is not the usual one.
    pub address: String,
    /// The origin of its pages: `https://demo.bitrix24.ru`; the only page that may frame CRMAP.
    pub origin: String,
    /// How to call it with the opening user's rights.
    pub access: Access,
    /// The user who opened the application.
    pub user_id: i64,
    /// When the access token runs out.
    pub expires_at: OffsetDateTime,
    /// The authority that confirmed it, as the connector names it; tokens of this account are
    /// refreshed there.
    pub authority: String,
}
