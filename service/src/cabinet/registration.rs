//! Getting a cabinet. Whether the address has one already shows neither in the answer nor in the
//! work that is done for it (SEC-64).

use crmap_domain::cabinet::{Denial, Email, PersonName, Strength, check_length};
use crmap_store::{Creation, NewAccount};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::letters::Letter;
use super::limits::{JUDGE_FROM, NOTHING, REGISTER_FROM, REGISTER_TO, network, subject};
use super::secrets::new_connection_token;
use super::strength::judge;
use super::{Registration, Visitor, denial_of};
use crate::Services;

/// # Getting a cabinet
impl Services {
    /// Makes an account. One whose address has an account already is not made, which its owner is
    /// told by mail and nobody else is told at all.
    ///
    /// # Errors
    /// [`Denial::Name`], [`Denial::Email`] and [`Denial::Password`] for what cannot be taken,
    /// [`Denial::TooOften`], [`Denial::Busy`], [`Denial::StoreUnavailable`].
    pub async fn register(&self, form: Registration, visitor: &Visitor) -> Result<(), Denial> {
        let began = Instant::now();
        let outcome = self.try_register(form, visitor).await;
        self.even_out(began).await;
        outcome
    }

    async fn try_register(&self, form: Registration, visitor: &Visitor) -> Result<(), Denial> {
        let name = PersonName::parse(&form.name).map_err(|_invalid| Denial::Name)?;
        let email = Email::parse(&form.email).map_err(|_invalid| Denial::Email)?;
        if let Some(flaw) = check_length(form.password.expose_secret()) {
            return Err(Denial::Password(flaw));
        }
        self.allow(REGISTER_FROM, &network(visitor.ip)).await?;
        self.take_password(&form.password, &name, &email).await?;
        let may_tell = self.allow(REGISTER_TO, &of_address(&email)).await;
        let hash = self.hasher.hash(&form.password, &*self.entropy).await?;
        let made = self
            .store
            .create_account(&NewAccount {
                email: &email,
                name: &name,
                password_hash: &hash,
                lang: form.lang,
                connection_token: &new_connection_token(&*self.entropy),
                now: self.clock.now(),
            })
            .await
            .map_err(denial_of)?;
        match made {
            Creation::Created => Ok(()),
            Creation::EmailTaken => self.tell_owner(&email, may_tell.is_ok()).await,
        }
    }

    /// Writes as much as the making of an account would.
    async fn tell_owner(&self, email: &Email, may_tell: bool) -> Result<(), Denial> {
        let owner = if may_tell && self.sends_mail() {
            self.store.login(&email.key()).await.map_err(denial_of)?
        } else {
            None
        };
        let Some(owner) = owner else {
            return self.write_nothing(email).await;
        };
        let letter = Letter::already_registered(&self.settings.site);
        let mail = self.written(&owner.email, owner.lang, &letter, None);
        self.store
            .post_mail(None, &mail, self.clock.now())
            .await
            .map_err(denial_of)
    }

    /// Takes as long as writing something down.
    pub(super) async fn write_nothing(&self, email: &Email) -> Result<(), Denial> {
        match self.allow(NOTHING, &of_address(email)).await {
            Err(Denial::TooOften { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    /// How well a password stands up to guessing, for somebody of whom this much is known.
    ///
    /// # Errors
    /// [`Denial::Busy`] while many ask, who can do without; [`Denial::TooOften`],
    /// [`Denial::StoreUnavailable`].
    pub async fn judge_password(
        &self,
        password: SecretString,
        about: Vec<String>,
        visitor: &Visitor,
    ) -> Result<Strength, Denial> {
        self.allow(JUDGE_FROM, &network(visitor.ip)).await?;
        self.hasher
            .judge_aside(move || {
                let about: Vec<&str> = about.iter().map(String::as_str).collect();
                judge(&password, &about)
            })
            .await
    }

    /// Refuses a password that somebody would guess (SEC-67). To judge one is work: whoever asks for
    /// it was counted before.
    pub(super) async fn take_password(
        &self,
        password: &SecretString,
        name: &PersonName,
        email: &Email,
    ) -> Result<(), Denial> {
        let (password, name, email) = (password.clone(), name.clone(), email.clone());
        let judged = self
            .hasher
            .judge(move || judge(&password, &[name.as_str(), email.as_str()]))
            .await?;
        match judged.flaw {
            Some(flaw) => Err(Denial::Password(flaw)),
            None => Ok(()),
        }
    }
}

/// Tries upon an address, whether it has an account or not.
pub(super) fn of_address(email: &Email) -> [u8; 32] {
    subject("address", email.key().as_bytes())
}
