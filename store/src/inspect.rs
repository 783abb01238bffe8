//! Looking at a database from outside, beside whoever works with it, without changing anything.

use std::collections::BTreeMap;

use secrecy::SecretString;
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, Connection as _, Row as _};
use tracing::instrument;

use crate::connect::{Address, MIGRATIONS, look_at};
use crate::dialect::Dialect;
use crate::keys::KeyRing;
use crate::rotation::sealed_by;
use crate::vault::accepts_check;
use crate::{Store, StoreError};

/// How far a database's structure is from what this release works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// There is none yet.
    Missing,
    /// So many steps are to be taken.
    Behind(usize),
    /// It is the same.
    Current,
    /// A newer release added to it.
    Ahead,
}

/// # Looking on from outside
impl Store {
    /// Says how far the structure of the database at `url` is, and compares `keys` with those that
    /// it knows. Makes and changes nothing, and works beside a server.
    ///
    /// # Errors
    /// [`StoreError::Keys`] for a key that is another one than the database's of the same name,
    /// [`StoreError::Migration`] for a structure that is not ours, and others where the database is
    /// not to be had.
    #[instrument(name = "db.inspect", skip_all)]
    pub async fn inspect(
        url: &SecretString,
        keys: Option<&KeyRing>,
    ) -> Result<Structure, StoreError> {
        let address = Address::parse(url)?;
        if let Address::File(path) = &address
            && !path.try_exists()?
        {
            return Ok(Structure::Missing);
        }
        let mut connection = look_at(&address).await?;
        let structure = structure(&mut connection, address.dialect()).await?;
        if let Some(keys) = keys
            && matches!(structure, Structure::Current | Structure::Ahead)
        {
            compare_keys(&mut connection, address.dialect(), keys).await?;
        }
        connection.close().await?;
        Ok(structure)
    }
}

/// How far the structure is that a connection sees.
pub(crate) async fn structure(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<Structure, StoreError> {
    let there: i64 = sqlx::query_scalar(match dialect {
        Dialect::Sqlite => {
            "select count(*) from sqlite_master where type = 'table' and name = '_sqlx_migrations'"
        }
        Dialect::Postgres => {
            "select count(*) from information_schema.tables \
             where table_schema = current_schema() and table_name = '_sqlx_migrations'"
        }
    })
    .fetch_one(&mut *connection)
    .await?;
    if there == 0 {
        return Ok(Structure::Missing);
    }
    let rows = sqlx::query("select version, checksum from _sqlx_migrations")
        .fetch_all(&mut *connection)
        .await?;
    let mut taken: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    for row in rows {
        taken.insert(row.try_get("version")?, row.try_get("checksum")?);
    }
    let mut behind = 0;
    for ours in MIGRATIONS.iter() {
        match taken.remove(&ours.version) {
            Some(checksum) if *checksum != *ours.checksum => {
                return Err(MigrateError::VersionMismatch(ours.version).into());
            }
            Some(_) => {}
            None => behind += 1,
        }
    }
    Ok(match (behind, taken.is_empty()) {
        (0, true) => Structure::Current,
        (0, false) => Structure::Ahead,
        (count, _) => Structure::Behind(count),
    })
}

/// Refuses a wrong key under a known name, and a ring without a key that rows still need: both would
/// be found out only when a token is needed (SEC-30).
pub(crate) async fn compare_keys(
    connection: &mut AnyConnection,
    dialect: Dialect,
    keys: &KeyRing,
) -> Result<(), StoreError> {
    let rows = sqlx::query("select key_id, sealed_check from key_check order by key_id")
        .fetch_all(&mut *connection)
        .await?;
    let mut missing = Vec::new();
    for row in rows {
        let id: String = row.try_get("key_id")?;
        if keys.find(&id).is_none() {
            missing.push(id);
        } else if !accepts_check(keys, &id, row.try_get("sealed_check")?) {
            return Err(StoreError::Keys(format!(
                "the key `{id}` is not the one that the database was sealed with"
            )));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let needed = sealed_by(connection, dialect).await?;
    match needed.iter().find(|(id, _)| missing.contains(id)) {
        Some((id, count)) => Err(StoreError::Keys(format!(
            "the key `{id}` is not among the keys, but the database still needs it for \
             {count} values"
        ))),
        None => Ok(()),
    }
}
