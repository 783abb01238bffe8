//! Setting a new password by a code that was mailed (SEC-68).

use std::time::Duration;

use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, Email};
use crmap_store::{NewReset, NewSecrets};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::letters::Letter;
use super::limits::{JUDGE_FROM, RESET_FROM, RESET_TO, network};
use super::registration::of_address;
use super::secrets::{digest_of, new_connection_token, new_secret};
use super::{Visitor, denial_of};
use crate::Services;

/// For how long a code is good.
const MINUTES: u32 = 30;

/// # A forgotten password
impl Services {
    /// Mails a code to set a new password with, where the address has an account; the answer is the
    /// same where it has none.
    ///
    /// # Errors
    /// [`Denial::MailOff`], [`Denial::Email`] for what cannot be an address, [`Denial::TooOften`],
    /// [`Denial::StoreUnavailable`].
    pub async fn ask_reset(
        &self,
        email: &str,
        lang: Lang,
        visitor: &Visitor,
    ) -> Result<(), Denial> {
        if !self.sends_mail() {
            return Err(Denial::MailOff);
        }
        let email = Email::parse(email).map_err(|_invalid| Denial::Email)?;
        let began = Instant::now();
        let outcome = self.mail_code(&email, lang, visitor).await;
        self.even_out(began).await;
        outcome
    }

    async fn mail_code(&self, email: &Email, lang: Lang, visitor: &Visitor) -> Result<(), Denial> {
        self.allow(RESET_FROM, &network(visitor.ip)).await?;
        self.allow(RESET_TO, &of_address(email)).await?;
        let login = self.store.login(&email.key()).await.map_err(denial_of)?;
        let (code, digest) = new_secret(&*self.entropy);
        let now = self.clock.now();
        let ends_at = now + Duration::from_secs(u64::from(MINUTES) * 60);
        let Some(login) = login else {
            return self.write_nothing(email).await;
        };
        let letter = Letter::reset(&self.settings.site, code.expose_secret(), MINUTES);
        let new = NewReset {
            digest,
            ends_at,
            mail: &self.written(&login.email, lang, &letter, Some(ends_at)),
            now,
        };
        self.store
            .start_reset(&login, &new)
            .await
            .map_err(denial_of)?;
        Ok(())
    }

    /// Sets a new password by a mailed code, which is used up; all devices are signed out, and the
    /// connection token is replaced. A password that is not taken uses up nothing. Gives the secret
    /// by which the browser is known, so that strangers' tries do not keep its owner out (SEC-65).
    ///
    /// # Errors
    /// [`Denial::ResetOver`] for a code that is unknown, used or too old, [`Denial::Password`],
    /// [`Denial::TooOften`], [`Denial::Busy`], [`Denial::StoreUnavailable`].
    pub async fn reset_password(
        &self,
        code: &str,
        password: SecretString,
        visitor: &Visitor,
    ) -> Result<SecretString, Denial> {
        let digest = digest_of(code).ok_or(Denial::ResetOver)?;
        let now = self.clock.now();
        let found = self.store.reset(&digest, now).await.map_err(denial_of)?;
        let Some(owner) = found else {
            tracing::info!(client.ip = %visitor.ip, "a code for a new password was not good");
            return Err(Denial::ResetOver);
        };
        self.allow(JUDGE_FROM, &network(visitor.ip)).await?;
        self.take_password(&password, &owner.name, &owner.email)
            .await?;
        let hash = self.hasher.hash(&password, &*self.entropy).await?;
        let mail = self.written_if_sent(&owner.email, owner.lang, &Letter::PasswordReset);
        let (device, device_digest) = new_secret(&*self.entropy);
        let new = NewSecrets {
            hash: &hash,
            device: &device_digest,
            connection_token: &new_connection_token(&*self.entropy),
            mail: mail.as_ref(),
            now,
        };
        let used = self.store.use_reset(&digest, &new).await;
        if used.map_err(denial_of)? {
            Ok(device)
        } else {
            Err(Denial::ResetOver)
        }
    }
}
