//! What the owner of an account changes about it.

use crmap_domain::Lang;
use crmap_domain::cabinet::{Deed, Denial, Email, PersonName};
use crmap_store::{EmailChange, NewEmail, NewPassword, StoredPassword};
use secrecy::SecretString;

use super::hashing::Compared;
use super::letters::Letter;
use super::limits::{CHANGE, CHANGE_EMAIL, CONFIRM, JUDGE_FROM, network, subject};
use super::login::Opening;
use super::{Entered, LoggedIn, Visitor, denial_of};
use crate::Services;

/// # What an owner changes about an account
impl Services {
    /// Gives the owner another name.
    ///
    /// # Errors
    /// [`Denial::Name`], [`Denial::SignedOut`] where the account is not there any more,
    /// [`Denial::TooOften`], [`Denial::StoreUnavailable`].
    pub async fn rename(&self, entered: &Entered, name: &str) -> Result<(), Denial> {
        let name = PersonName::parse(name).map_err(|_invalid| Denial::Name)?;
        self.allow(CHANGE, &of_account(entered)).await?;
        let done = self
            .store
            .rename_account(entered.tenant(), &name, self.clock.now())
            .await;
        if_there(done.map_err(denial_of)?)
    }

    /// Has mails written in another language.
    ///
    /// # Errors
    /// As [`rename`](Self::rename).
    pub async fn set_lang(&self, entered: &Entered, lang: Lang) -> Result<(), Denial> {
        self.allow(CHANGE, &of_account(entered)).await?;
        let done = self.store.set_account_lang(entered.tenant(), lang).await;
        if_there(done.map_err(denial_of)?)
    }

    /// Gives the account another address, which the old one is told by mail (SEC-62).
    ///
    /// # Errors
    /// [`Denial::Email`] for what cannot be an address and for one that another account has,
    /// [`Denial::WrongPassword`], [`Denial::TooOften`], [`Denial::Busy`],
    /// [`Denial::StoreUnavailable`].
    pub async fn change_email(
        &self,
        entered: &Entered,
        email: &str,
        password: SecretString,
        visitor: &Visitor,
    ) -> Result<(), Denial> {
        let email = Email::parse(email).map_err(|_invalid| Denial::Email)?;
        let seen = self.confirm(entered, &password, visitor).await?;
        self.allow(CHANGE_EMAIL, &of_account(entered)).await?;
        let account = self.store.account(entered.tenant()).await;
        let account = account.map_err(denial_of)?.ok_or(Denial::SignedOut)?;
        let letter = Letter::EmailChanged { to: email.masked() };
        let mail = self.written_if_sent(&account.email, account.lang, &letter);
        let new = NewEmail {
            email: &email,
            seen_version: seen.version,
            mail: mail.as_ref(),
            now: self.clock.now(),
        };
        let changed = self.store.change_email(entered.tenant(), &new).await;
        match changed.map_err(denial_of)? {
            EmailChange::Changed => Ok(()),
            EmailChange::Taken => Err(Denial::Email),
            EmailChange::Superseded => Err(Denial::WrongPassword),
        }
    }

    /// Sets another password; all devices are signed out but the one that asks, which is given a new
    /// cookie (SEC-60, 61). The owner is told by mail.
    ///
    /// # Errors
    /// [`Denial::Password`], [`Denial::WrongPassword`], [`Denial::TooOften`], [`Denial::Busy`],
    /// [`Denial::StoreUnavailable`].
    pub async fn change_password(
        &self,
        entered: &Entered,
        old: SecretString,
        new: SecretString,
        visitor: &Visitor,
    ) -> Result<LoggedIn, Denial> {
        let account = self.store.account(entered.tenant()).await;
        let account = account.map_err(denial_of)?.ok_or(Denial::SignedOut)?;
        self.allow(JUDGE_FROM, &network(visitor.ip)).await?;
        self.take_password(&new, &account.name, &account.email)
            .await?;
        let seen = self.confirm(entered, &old, visitor).await?;
        let hash = self.hasher.hash(&new, &*self.entropy).await?;
        let opening = Opening::new(self, visitor);
        let mail = self.written_if_sent(&account.email, account.lang, &Letter::PasswordChanged);
        let change = NewPassword {
            hash: &hash,
            seen_version: seen.version,
            session: &opening.session(self, visitor),
            mail: mail.as_ref(),
        };
        let done = self.store.set_password(entered.tenant(), &change).await;
        if done.map_err(denial_of)? {
            Ok(opening.given())
        } else {
            Err(Denial::WrongPassword)
        }
    }

    /// Deletes the account and everything of it.
    ///
    /// # Errors
    /// [`Denial::WrongPassword`], [`Denial::TooOften`], [`Denial::Busy`],
    /// [`Denial::StoreUnavailable`].
    pub async fn delete_account(
        &self,
        entered: &Entered,
        password: SecretString,
        visitor: &Visitor,
    ) -> Result<(), Denial> {
        let seen = self.confirm(entered, &password, visitor).await?;
        let linked = self
            .store
            .links(entered.tenant())
            .await
            .map_err(denial_of)?;
        let deleted = self
            .store
            .delete_account(entered.tenant(), seen.version)
            .await;
        if deleted.map_err(denial_of)? {
            // The last reading may have gone along.
            for portal in linked {
                self.freshened.forget(&portal.member_id);
            }
            tracing::info!(account.id = entered.tenant().id(), "an account was deleted");
            Ok(())
        } else {
            Err(Denial::WrongPassword)
        }
    }

    /// What was done to and with the account, the newest first.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn account_log(&self, entered: &Entered, limit: u32) -> Result<Vec<Deed>, Denial> {
        let deeds = self.store.deeds(entered.tenant(), limit).await;
        deeds.map_err(denial_of)
    }

    /// Has somebody who is logged in show that it is still the owner who sits there. Says which
    /// password that was.
    async fn confirm(
        &self,
        entered: &Entered,
        password: &SecretString,
        visitor: &Visitor,
    ) -> Result<StoredPassword, Denial> {
        self.allow(CONFIRM, &of_account(entered)).await?;
        let stored = self.store.password(entered.tenant()).await;
        let stored = stored.map_err(denial_of)?.ok_or(Denial::SignedOut)?;
        match self.hasher.compare(password, Some(&stored.hash)).await? {
            Compared::Right { .. } => Ok(stored),
            Compared::Wrong => {
                tracing::warn!(
                    account.id = entered.tenant().id(),
                    client.ip = %visitor.ip,
                    "somebody who is logged in gave a wrong password"
                );
                Err(Denial::WrongPassword)
            }
        }
    }
}

/// What an account does.
pub(crate) fn of_account(entered: &Entered) -> [u8; 32] {
    subject("account", entered.tenant().id().as_bytes())
}

const fn if_there(done: bool) -> Result<(), Denial> {
    if done { Ok(()) } else { Err(Denial::SignedOut) }
}
