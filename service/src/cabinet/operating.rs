//! What an operator does with accounts by the command line, with the database alone.

use std::sync::Arc;
use std::time::Duration;

use crmap_crm::Clock;
use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, Email, PasswordFlaw, PersonName};
use crmap_store::{Creation, ListedAccount, NewAccount, Store, StoreError};
use secrecy::{ExposeSecret, SecretString};

use super::hashing::{Hasher, PasswordCost};
use super::letters::NEW_PASSWORD;
use super::secrets::{new_connection_token, new_secret};
use super::strength::judge;
use crate::Entropy;

/// For how long a code that an operator hands over is good: longer than a mailed one, since it goes
/// by way of people.
const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Why an operator's wish was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum OperatingError {
    /// The address cannot be one.
    #[error("this cannot be an email address")]
    Email,
    /// The name cannot be one.
    #[error("a name has 1 to 100 characters in one line")]
    Name,
    /// Somebody has an account with this address.
    #[error(
        "there is an account with this address already: `crmap account reset` gives its owner a new password"
    )]
    EmailTaken,
    /// Nobody has an account with this address.
    #[error("there is no account with this address")]
    Unknown,
    /// The password is not taken.
    #[error("{}", said_of(*.0))]
    Password(PasswordFlaw),
    /// The hash of the password could not be worked out.
    #[error("the password could not be hashed")]
    Hash,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const fn said_of(flaw: PasswordFlaw) -> &'static str {
    match flaw {
        PasswordFlaw::Short => "the password is too short: it has 8 characters at least",
        PasswordFlaw::Long => "the password is too long",
        PasswordFlaw::Weak => "the password would be guessed soon: choose a longer one",
    }
}

/// An account to be made.
#[derive(Debug)]
pub struct AccountWanted<'a> {
    /// The address by which the owner logs in.
    pub email: &'a str,
    /// The owner's name; that of the address where there is none.
    pub name: Option<&'a str>,
    /// The language of mails.
    pub lang: Lang,
    /// The password; where there is none, the owner sets one by a code.
    pub password: Option<SecretString>,
}

/// An operator at the database.
pub struct Operating {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    hasher: Hasher,
}

impl Operating {
    /// Over a database, with what a hash of a password costs.
    #[must_use]
    pub fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        cost: PasswordCost,
    ) -> Self {
        let hasher = Hasher::new(cost, &*entropy);
        Self {
            store,
            clock,
            entropy,
            hasher,
        }
    }

    /// Makes an account. Gives the way, below the site's address, to a page where its owner sets a
    /// password, unless there is one.
    ///
    /// # Errors
    /// [`OperatingError::Email`], [`OperatingError::Name`], [`OperatingError::Password`],
    /// [`OperatingError::EmailTaken`], and those of the database.
    pub async fn create(
        &self,
        wanted: &AccountWanted<'_>,
    ) -> Result<Option<SecretString>, OperatingError> {
        let email = Email::parse(wanted.email).map_err(|_invalid| OperatingError::Email)?;
        let of_address = email.as_str().split('@').next().unwrap_or_default();
        let name = PersonName::parse(wanted.name.unwrap_or(of_address))
            .map_err(|_invalid| OperatingError::Name)?;
        // Where none is given, nobody knows the password until the code is used.
        let password = match &wanted.password {
            Some(password) => {
                let judged = judge(password, &[name.as_str(), email.as_str()]);
                if let Some(flaw) = judged.flaw {
                    return Err(OperatingError::Password(flaw));
                }
                password.clone()
            }
            None => new_secret(&*self.entropy).0,
        };
        let hash = self.hasher.hash(&password, &*self.entropy).await;
        let new = NewAccount {
            email: &email,
            name: &name,
            password_hash: &hash.map_err(|_denied: Denial| OperatingError::Hash)?,
            lang: wanted.lang,
            connection_token: &new_connection_token(&*self.entropy),
            now: self.clock.now(),
        };
        match self.store.create_account_by_operator(&new).await? {
            Creation::EmailTaken => Err(OperatingError::EmailTaken),
            Creation::Created if wanted.password.is_some() => Ok(None),
            Creation::Created => self.code(&email).await.map(Some),
        }
    }

    /// Gives the way, below the site's address, to a page where the owner of an account sets a new
    /// password, once and within a day. Until then the old one is good.
    ///
    /// # Errors
    /// [`OperatingError::Email`], [`OperatingError::Unknown`], and those of the database.
    pub async fn reset(&self, email: &str) -> Result<SecretString, OperatingError> {
        let email = Email::parse(email).map_err(|_invalid| OperatingError::Email)?;
        self.code(&email).await
    }

    async fn code(&self, email: &Email) -> Result<SecretString, OperatingError> {
        let (code, digest) = new_secret(&*self.entropy);
        let now = self.clock.now();
        let kept = self
            .store
            .keep_operator_code(&email.key(), &digest, now + GOOD_FOR, now)
            .await?;
        if kept {
            let way = format!("{NEW_PASSWORD}#{}", code.expose_secret());
            Ok(SecretString::from(way))
        } else {
            Err(OperatingError::Unknown)
        }
    }

    /// All accounts, by their addresses.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(&self) -> Result<Vec<ListedAccount>, OperatingError> {
        Ok(self.store.accounts().await?)
    }
}
