//! Sealing everything anew with the newest key, while everything goes on (SEC-32).

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use tracing::instrument;

use crate::columns::Columns;
use crate::credential::{ACCESS, CANDIDATE, ChainName, REFRESH};
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

/// A sealed column: its table, the column that names a row, itself, and the column of the number
/// that goes with it.
struct Sealed {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    number: &'static str,
}

const SEALED: [Sealed; 4] = [
    Sealed {
        table: "credential",
        key: "id",
        column: ACCESS,
        number: "generation",
    },
    Sealed {
        table: "credential",
        key: "id",
        column: REFRESH,
        number: "generation",
    },
    Sealed {
        table: "credential",
        key: "id",
        column: CANDIDATE,
        number: "candidate_at",
    },
    Sealed {
        table: "portal",
        key: "member_id",
        column: "sealed_application_token",
        number: "application_token_version",
    },
];

impl Sealed {
    /// All parts of a statement come from the list above.
    fn sql(&self, text: &'static str) -> AssertSqlSafe<String> {
        AssertSqlSafe(
            text.replace("{table}", self.table)
                .replace("{key}", self.key)
                .replace("{column}", self.column)
                .replace("{number}", self.number),
        )
    }
}

impl Store {
    /// Seals up to `batch` values anew with the newest key. Each is replaced only where it still is
    /// what was read: a refresh that goes on meanwhile wins. Can be stopped and gone on with at any
    /// time.
    ///
    /// # Errors
    /// A [`StoreError`]; [`StoreError::Corrupt`] at a value that does not open, which somebody must
    /// look at.
    #[instrument(name = "db.keys.rotate", skip_all)]
    pub async fn rotate(&self, batch: u32) -> Result<Progress, StoreError> {
        let mut resealed = 0;
        let mut read = 0;
        for sealed in &SEALED {
            let rows = self
                .sealed_otherwise(sealed, i64::from(batch) - read)
                .await?;
            for row in &rows {
                read += 1;
                if self.reseal(sealed, row).await? {
                    resealed += 1;
                }
            }
        }
        let mut left = 0;
        for sealed in &SEALED {
            left += self.count_sealed_otherwise(sealed).await?;
        }
        Ok(Progress { resealed, left })
    }

    /// How many values each key has sealed, of the keys that have any (SEC-32: a key may go when it
    /// has none).
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.keys.count", skip_all)]
    pub async fn sealed_by(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut counts = BTreeMap::new();
        for sealed in &SEALED {
            // The head of an envelope with the longest identifier.
            let heads: Vec<Vec<u8>> = sqlx::query_scalar(
                sealed
                    .sql("select substr({column}, 1, 34) from {table} where {column} is not null"),
            )
            .fetch_all(&self.reads)
            .await?;
            for head in heads {
                let id = key_id_of(&head)
                    .ok_or_else(|| StoreError::corrupt(sealed.table, "a row", sealed.column))?;
                *counts.entry(id.to_owned()).or_insert(0) += 1;
            }
        }
        Ok(counts.into_iter().collect())
    }

    async fn sealed_otherwise(
        &self,
        sealed: &Sealed,
        limit: i64,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let head = envelope_head(self.vault.keys());
        Ok(sqlx::query(sealed.sql(
            "select * from {table} where substr({column}, 1, cast($1 as integer)) <> $2 \
             order by {key} limit $3",
        ))
        .bind(head.len() as i64)
        .bind(head)
        .bind(limit.max(0))
        .fetch_all(&self.reads)
        .await?)
    }

    async fn count_sealed_otherwise(&self, sealed: &Sealed) -> Result<u64, StoreError> {
        let head = envelope_head(self.vault.keys());
        let count: i64 = sqlx::query_scalar(sealed.sql(
            "select count(*) from {table} where substr({column}, 1, cast($1 as integer)) <> $2",
        ))
        .bind(head.len() as i64)
        .bind(head)
        .fetch_one(&self.reads)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// Says whether the value was replaced.
    async fn reseal(&self, sealed: &Sealed, row: &AnyRow) -> Result<bool, StoreError> {
        let columns = Columns::new(row, sealed.table, "a row");
        let key = columns.text(sealed.key)?;
        let number = columns.int(sealed.number)?;
        let old = columns.bytes(sealed.column)?;
        let new = if sealed.table == "portal" {
            let member_id = columns.member_id("member_id")?;
            self.sealed_anew(&Place::of_application_token(&member_id, number), &old)?
        } else {
            let name = ChainName::from_row(row)?;
            self.sealed_anew(&name.place(sealed.column, number), &old)?
        };
        let done = sqlx::query(
            sealed.sql("update {table} set {column} = $3 where {key} = $1 and {column} = $2"),
        )
        .bind(key)
        .bind(old)
        .bind(new)
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    fn sealed_anew(&self, place: &Place<'_>, envelope: &[u8]) -> Result<Vec<u8>, StoreError> {
        let secret = self.vault.open(place, envelope)?;
        self.vault.seal(place, &secret)
    }
}
