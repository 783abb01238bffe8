//! Keys of the database's own. They never leave the process and outlive the keys that seal them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sqlx::AnyConnection;
use zeroize::Zeroizing;

use crate::columns::Columns;
use crate::vault::Place;
use crate::{Store, StoreError};

/// A key that the database keeps under seal.
pub(crate) type OwnKey = Zeroizing<[u8; 32]>;

impl Store {
    /// The key of that name and whether it was made just now; whoever comes first makes it.
    pub(crate) async fn own_key(
        &self,
        connection: &mut AnyConnection,
        name: &'static str,
    ) -> Result<(OwnKey, bool), StoreError> {
        let place = Place::of_index_key(name);
        let new: OwnKey = Zeroizing::new(self.vault.random());
        let new = SecretString::from(STANDARD.encode(*new));
        let done = sqlx::query(
            "insert into index_key (name, sealed_key) values ($1, $2) \
             on conflict (name) do nothing",
        )
        .bind(name)
        .bind(self.vault.seal(&place, &new)?)
        .execute(&mut *connection)
        .await?;
        let row = sqlx::query("select sealed_key from index_key where name = $1")
            .bind(name)
            .fetch_one(&mut *connection)
            .await?;
        let columns = Columns::new(&row, "index_key", name);
        let key = self.vault.open(&place, &columns.bytes("sealed_key")?)?;
        let bytes = STANDARD
            .decode(key.expose_secret())
            .map(Zeroizing::new)
            .map_err(|_error| columns.corrupt("sealed_key"))?;
        let bytes: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_error| columns.corrupt("sealed_key"))?;
        Ok((Zeroizing::new(bytes), done.rows_affected() == 1))
    }
}
