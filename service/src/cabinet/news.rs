//! What others did to an account, and the token by which they may link portals to it.

use crmap_domain::cabinet::{Deed, Denial};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::account::of_account;
use super::limits::CHANGE;
use super::secrets::new_connection_token;
use super::{Entered, denial_of};
use crate::Services;

/// # News, and the connection token
impl Services {
    /// What others did since the owner last saw the news, the newest first.
    ///
    /// # Errors
    /// [`Denial::StoreUnavailable`].
    pub async fn news(&self, entered: &Entered) -> Result<Vec<Deed>, Denial> {
        self.store.news(entered.tenant()).await.map_err(denial_of)
    }

    /// Notes that the owner has seen the news up to a moment. What is yet to come cannot have been
    /// seen.
    ///
    /// # Errors
    /// [`Denial::TooOften`], [`Denial::StoreUnavailable`].
    pub async fn news_seen(&self, entered: &Entered, until: OffsetDateTime) -> Result<(), Denial> {
        self.allow(CHANGE, &of_account(entered)).await?;
        let until = until.min(self.clock.now());
        let noted = self.store.news_seen(entered.tenant(), until).await;
        noted.map_err(denial_of)
    }

    /// The token that the administrator of a portal pastes to link it to this cabinet.
    ///
    /// # Errors
    /// [`Denial::SignedOut`] where the account is not there any more, [`Denial::StoreUnavailable`].
    pub async fn connection_token(&self, entered: &Entered) -> Result<SecretString, Denial> {
        let token = self.store.connection_token(entered.tenant()).await;
        token.map_err(denial_of)?.ok_or(Denial::SignedOut)
    }

    /// Replaces the connection token; the old one links nothing from now on, and what it linked
    /// stays.
    ///
    /// # Errors
    /// As [`connection_token`](Self::connection_token), and [`Denial::TooOften`].
    pub async fn renew_connection_token(&self, entered: &Entered) -> Result<SecretString, Denial> {
        self.allow(CHANGE, &of_account(entered)).await?;
        let token = new_connection_token(&*self.entropy);
        let renewed = self
            .store
            .renew_connection_token(entered.tenant(), &token, self.clock.now())
            .await;
        if renewed.map_err(denial_of)? {
            Ok(SecretString::from(token.expose()))
        } else {
            Err(Denial::SignedOut)
        }
    }
}
