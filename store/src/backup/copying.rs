//! Rows from one database into another, whichever kind either is.

use futures::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::tables::{Kind, Table};
use crate::StoreError;

/// Values that go in one statement; both databases take more.
const VALUES_AT_ONCE: usize = 1_000;
/// Bytes that go in one statement, unless one row has more.
const BYTES_AT_ONCE: usize = 1024 * 1024;

enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    fn of(row: &AnyRow, index: usize, kind: Kind) -> Result<Self, sqlx::Error> {
        Ok(match kind {
            Kind::Int => Self::Int(row.try_get(index)?),
            Kind::Text => Self::Text(row.try_get(index)?),
            // SQLite keeps a text that a migration wrote into such a column as a text.
            Kind::Bytes => Self::Bytes(match row.try_get(index) {
                Ok(bytes) => bytes,
                Err(_text) => row
                    .try_get::<Option<String>, _>(index)?
                    .map(String::into_bytes),
            }),
        })
    }

    fn size(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(Some(bytes)) => bytes.len(),
            _ => 8,
        }
    }
}

/// Copies all rows of a table, a few at a time, so that a large one takes little memory.
///
/// # Errors
/// A [`StoreError`] of either database.
pub(super) async fn copy(
    source: &mut AnyConnection,
    target: &mut AnyConnection,
    table: &Table,
) -> Result<(), StoreError> {
    let select = format!("select {} from \"{}\"", table.column_list(), table.name);
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(source);
    let rows_at_once = (VALUES_AT_ONCE / table.columns.len().max(1)).max(1);
    let (mut batch, mut size) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        for (index, (_, kind)) in table.columns.iter().enumerate() {
            let value = Value::of(&row, index, *kind)?;
            size += value.size();
            batch.push(value);
        }
        if batch.len() >= rows_at_once * table.columns.len() || size >= BYTES_AT_ONCE {
            insert(target, table, std::mem::take(&mut batch)).await?;
            size = 0;
        }
    }
    insert(target, table, batch).await
}

async fn insert(
    target: &mut AnyConnection,
    table: &Table,
    batch: Vec<Value>,
) -> Result<(), StoreError> {
    let width = table.columns.len();
    if batch.is_empty() || width == 0 {
        return Ok(());
    }
    let row = |first: usize| {
        let places: Vec<_> = (first + 1..=first + width)
            .map(|number| format!("${number}"))
            .collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<_> = (0..batch.len()).step_by(width).map(row).collect();
    let sql = format!(
        "insert into \"{}\" ({}) values {}",
        table.name,
        table.column_list(),
        rows.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in batch {
        query = match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        };
    }
    query.execute(target).await?;
    Ok(())
}
