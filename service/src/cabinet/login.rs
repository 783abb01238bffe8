//! Being let in, and being known afterwards.

use crmap_domain::cabinet::{AccountData, Denial, Email, PasswordFlaw, check_length};
use crmap_store::{AccountRow, LoginRow, NewSession, SecretDigest, Visit};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::hashing::Compared;
use super::limits::{LOG_IN_FROM, LOG_IN_KNOWN, LOG_IN_TO, network, subject};
use super::registration::of_address;
use super::secrets::{digest_of, new_secret};
use super::{Entered, IDLE, LONGEST, LogIn, LoggedIn, Visitor, denial_of};
use crate::{Services, figures};

/// A session that is about to be started, and what its browser is given.
pub(super) struct Opening {
    cookie: (SecretString, SecretDigest),
    device: (SecretString, SecretDigest),
    ip: String,
}

impl Opening {
    pub(super) fn new(services: &Services, visitor: &Visitor) -> Self {
        Self {
            cookie: new_secret(&*services.entropy),
            device: new_secret(&*services.entropy),
            ip: visitor.ip.to_canonical().to_string(),
        }
    }

    pub(super) fn session<'a>(
        &'a self,
        services: &Services,
        visitor: &'a Visitor,
    ) -> NewSession<'a> {
        let now = services.clock.now();
        NewSession {
            digest: self.cookie.1,
            device: self.device.1,
            agent: &visitor.agent,
            ip: &self.ip,
            now,
            ends_at: now + LONGEST,
        }
    }

    pub(super) fn given(self) -> LoggedIn {
        LoggedIn {
            cookie: self.cookie.0,
            device: self.device.0,
            lives: LONGEST,
        }
    }
}

/// # Being let in
impl Services {
    /// Lets somebody in by address and password. A browser that shows the secret of an earlier
    /// log-in to the same account has tries of its own; the session of its old cookie ends
    /// (SEC-60).
    ///
    /// # Errors
    /// [`Denial::Credentials`] for a wrong password and for an address without an account alike,
    /// [`Denial::Email`] for what cannot be an address, [`Denial::TooOften`], [`Denial::Busy`],
    /// [`Denial::StoreUnavailable`].
    pub async fn log_in(
        &self,
        form: LogIn,
        visitor: &Visitor,
        device: Option<&str>,
        old_cookie: Option<&str>,
    ) -> Result<LoggedIn, Denial> {
        let began = Instant::now();
        let outcome = self.try_log_in(form, visitor, device, old_cookie).await;
        if outcome.is_err() {
            self.even_out(began).await;
        }
        outcome
    }

    async fn try_log_in(
        &self,
        form: LogIn,
        visitor: &Visitor,
        device: Option<&str>,
        old_cookie: Option<&str>,
    ) -> Result<LoggedIn, Denial> {
        let email = Email::parse(&form.email).map_err(|_invalid| Denial::Email)?;
        let device = device.and_then(digest_of);
        self.hasher.has_room()?;
        self.allow_log_in(&email, visitor, device.as_ref()).await?;
        if check_length(form.password.expose_secret()) == Some(PasswordFlaw::Long) {
            // Nobody has such a one, whatever the address.
            return Err(Denial::Credentials);
        }
        let login = self.store.login(&email.key()).await.map_err(denial_of)?;
        let hash = login.as_ref().map(|login| &login.password.hash);
        let compared = self.hasher.compare(&form.password, hash).await?;
        let (Some(login), Compared::Right { outdated }) = (login, compared) else {
            // The same line whether there is such an account or not (SEC-64). Everybody mistypes:
            // how often it happens is what wants to be watched.
            tracing::info!(client.ip = %visitor.ip, "a log-in was refused");
            figures::log_in("refused");
            return Err(Denial::Credentials);
        };
        if outdated {
            self.upgrade(&login, &form.password).await;
        }
        let opening = Opening::new(self, visitor);
        let started = self
            .store
            .start_session(
                &login,
                &opening.session(self, visitor),
                old_cookie.and_then(digest_of).as_ref(),
                device.as_ref(),
            )
            .await
            .map_err(denial_of)?;
        match started {
            Some(_) => {
                figures::log_in("let_in");
                Ok(opening.given())
            }
            // The password was changed while it was compared.
            None => Err(Denial::Credentials),
        }
    }

    async fn allow_log_in(
        &self,
        email: &Email,
        visitor: &Visitor,
        device: Option<&SecretDigest>,
    ) -> Result<(), Denial> {
        if let Some(digest) = device {
            let known = self.store.is_known_device(&email.key(), digest).await;
            if known.map_err(denial_of)? {
                return self.allow(LOG_IN_KNOWN, &subject("device", digest)).await;
            }
        }
        self.allow(LOG_IN_FROM, &network(visitor.ip)).await?;
        self.allow(LOG_IN_TO, &of_address(email)).await
    }

    /// A hash with today's parameters takes the place of an older one (SEC-35). Where that cannot be
    /// done now, it is done at the next log-in.
    async fn upgrade(&self, login: &LoginRow, password: &SecretString) {
        let Ok(hash) = self.hasher.hash(password, &*self.entropy).await else {
            return;
        };
        if let Err(error) = self.store.upgrade_hash(login, &hash).await {
            tracing::warn!(%error, "a hash of a password could not be replaced by a better one");
        }
    }

    /// Who shows a cookie.
    ///
    /// # Errors
    /// [`Denial::SignedOut`] for one that is unknown or has ended, [`Denial::StoreUnavailable`].
    pub async fn enter(&self, cookie: &str, visitor: &Visitor) -> Result<Entered, Denial> {
        let digest = digest_of(cookie).ok_or(Denial::SignedOut)?;
        let visit = Visit {
            digest,
            ip: &visitor.ip.to_canonical().to_string(),
            now: self.clock.now(),
            idle: IDLE,
        };
        let seen = self.store.session(&visit).await.map_err(denial_of)?;
        let seen = seen.ok_or(Denial::SignedOut)?;
        Ok(Entered {
            account: account_data(&seen.account),
            session_id: seen.session.id,
            tenant: seen.tenant,
        })
    }

    /// Ends the session of a browser.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn log_out(&self, entered: &Entered) -> Result<(), Denial> {
        self.store
            .log_out(entered.tenant(), &entered.session_id, self.clock.now())
            .await
            .map_err(denial_of)?;
        Ok(())
    }
}

fn account_data(row: &AccountRow) -> AccountData {
    AccountData {
        name: row.name.as_str().to_owned(),
        email: row.email.as_str().to_owned(),
        lang: row.lang,
        made_at: row.made_at,
    }
}
