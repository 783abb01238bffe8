//! Sealing everything anew with the newest key, while everything goes on (SEC-32).

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Transaction};
use tracing::instrument;

use crate::columns::Columns;
use crate::credential::{ACCESS, CANDIDATE, ChainName, REFRESH};
use crate::dialect::Dialect;
use crate::page_session::{SESSION, place_of};
use crate::vault::{Place, envelope_head, key_id_of};
use crate::{Store, StoreError};

/// How far a change of keys has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many values were sealed anew just now.
    pub resealed: u64,
    /// How many are still sealed with older keys.
    pub left: u64,
}

/// A sealed column: its table, the column that names a row, itself, and the columns that its place
/// is told by.
struct Sealed {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    row: &'static str,
}

const CHAIN: &str = "id, member_id, user_id, generation, candidate_at, sealed_access, \
    sealed_refresh, sealed_candidate";

const SEALED: [Sealed; 8] = [
    Sealed {
        table: "credential",
        key: "id",
        column: ACCESS,
        row: CHAIN,
    },
    Sealed {
        table: "credential",
        key: "id",
        column: REFRESH,
        row: CHAIN,
    },
    Sealed {
        table: "credential",
        key: "id",
        column: CANDIDATE,
        row: CHAIN,
    },
    Sealed {
        table: "portal",
        key: "member_id",
        column: "sealed_application_token",
        row: "member_id, sealed_application_token, application_token_version",
    },
    Sealed {
        table: "account",
        key: "id",
        column: "sealed_connection_token",
        row: "id, sealed_connection_token, connection_token_version",
    },
    Sealed {
        table: "outbox",
        key: "id",
        column: "sealed_mail",
        row: "id, sealed_mail",
    },
    Sealed {
        table: "index_key",
        key: "name",
        column: "sealed_key",
        row: "name, sealed_key",
    },
    Sealed {
        table: "page_session",
        key: "digest",
        column: SESSION,
        row: "digest, member_id, user_id, ends_at, sealed_session",
    },
];

impl Sealed {
    /// All parts of a statement come from the list above.
    fn sql(&self, dialect: Dialect, text: &'static str) -> AssertSqlSafe<String> {
        let AssertSqlSafe(text) = dialect.sql(text);
        AssertSqlSafe(
            text.replace("{table}", self.table)
                .replace("{key}", self.key)
                .replace("{column}", self.column)
                .replace("{row}", self.row),
        )
    }
}

/// # Sealing everything anew
impl Store {
    /// Seals up to `batch` values of each kind anew with the newest key. Each is replaced only
    /// where it still is what was read, and where nobody works on its row just now: a refresh that
    /// goes on meanwhile wins, and its row has its turn later. Can be stopped and gone on with at
    /// any time.
    ///
    /// # Errors
    /// A [`StoreError`]; [`StoreError::Corrupt`] at a value that does not open, which somebody must
    /// look at.
    #[instrument(name = "db.keys.rotate", skip_all)]
    pub async fn rotate(&self, batch: u32) -> Result<Progress, StoreError> {
        let mut progress = Progress {
            resealed: 0,
            left: 0,
        };
        for sealed in &SEALED {
            progress.resealed += self.reseal_some(sealed, batch).await?;
            progress.left += self.count_sealed_otherwise(sealed).await?;
        }
        Ok(progress)
    }

    /// How many values each key has sealed, of the keys that have any (SEC-32: a key may go when it
    /// has none).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.keys.count", skip_all)]
    pub async fn sealed_by(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut connection = self.reads.acquire().await?;
        sealed_by(&mut connection, self.dialect).await
    }

    /// In one transaction, which waits for no row, so that nobody waits for it in a circle.
    async fn reseal_some(&self, sealed: &Sealed, batch: u32) -> Result<u64, StoreError> {
        let head = envelope_head(self.vault.keys());
        let mut work = self.begin().await?;
        let rows = sqlx::query(sealed.sql(
            self.dialect,
            "select {row} from {table} where substr({column}, 1, cast($1 as integer)) <> $2 \
             order by {key} limit $3 {skip_locked}",
        ))
        .bind(head.len() as i64)
        .bind(head)
        .bind(i64::from(batch))
        .fetch_all(&mut *work)
        .await?;
        let mut resealed = 0;
        for row in &rows {
            resealed += self.reseal(&mut work, sealed, row).await?;
        }
        work.commit().await?;
        Ok(resealed)
    }

    async fn count_sealed_otherwise(&self, sealed: &Sealed) -> Result<u64, StoreError> {
        let head = envelope_head(self.vault.keys());
        let count: i64 = sqlx::query_scalar(sealed.sql(
            self.dialect,
            "select count(*) from {table} where substr({column}, 1, cast($1 as integer)) <> $2",
        ))
        .bind(head.len() as i64)
        .bind(head)
        .fetch_one(&self.reads)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// Gives how many values were replaced, one or none.
    async fn reseal(
        &self,
        work: &mut Transaction<'static, Any>,
        sealed: &Sealed,
        row: &AnyRow,
    ) -> Result<u64, StoreError> {
        let columns = Columns::new(row, sealed.table, "a row");
        let key = columns.text(sealed.key)?;
        let old = columns.bytes(sealed.column)?;
        let new = self.sealed_anew(sealed, row, &old)?;
        let done = sqlx::query(sealed.sql(
            self.dialect,
            "update {table} set {column} = $3 where {key} = $1 and {column} = $2",
        ))
        .bind(key)
        .bind(old)
        .bind(new)
        .execute(&mut **work)
        .await?;
        Ok(done.rows_affected())
    }

    fn sealed_anew(
        &self,
        sealed: &Sealed,
        row: &AnyRow,
        old: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let columns = Columns::new(row, sealed.table, "a row");
        let again = |place: &Place<'_>| self.vault.seal(place, &self.vault.open(place, old)?);
        match sealed.table {
            "portal" => {
                let version = columns.int("application_token_version")?;
                let member_id = columns.member_id("member_id")?;
                again(&Place::of_application_token(&member_id, version))
            }
            "account" => {
                let version = columns.int("connection_token_version")?;
                again(&Place::of_connection_token(&columns.text("id")?, version))
            }
            "outbox" => again(&Place::of_mail(&columns.text("id")?)),
            "index_key" => again(&Place::of_index_key(&columns.text("name")?)),
            "page_session" => {
                let (name, member_id) = (columns.text("digest")?, columns.member_id("member_id")?);
                let (user_id, ends_at) = (columns.int("user_id")?, columns.int("ends_at")?);
                again(&place_of(&name, &member_id, user_id, ends_at))
            }
            _ => {
                let number = match sealed.column {
                    CANDIDATE => "candidate_at",
                    _ => "generation",
                };
                let name = ChainName::from_row(row)?;
                again(&name.place(sealed.column, columns.int(number)?))
            }
        }
    }
}

/// How many values each key has sealed, of the keys that have any.
pub(crate) async fn sealed_by(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<Vec<(String, u64)>, StoreError> {
    let mut counts = BTreeMap::new();
    for sealed in &SEALED {
        // The head of an envelope with the longest identifier.
        let heads: Vec<Vec<u8>> = sqlx::query_scalar(sealed.sql(
            dialect,
            "select substr({column}, 1, 34) from {table} where {column} is not null",
        ))
        .fetch_all(&mut *connection)
        .await?;
        for head in heads {
            let id = key_id_of(&head)
                .ok_or_else(|| StoreError::corrupt(sealed.table, "a row", sealed.column))?;
            *counts.entry(id.to_owned()).or_insert(0) += 1;
        }
    }
    Ok(counts.into_iter().collect())
}
