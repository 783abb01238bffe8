//! The tables of a database, as an SQLite file with the same structure tells them: a new migration
//! needs no word here.

use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use crate::StoreError;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A table and its columns.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<(String, Kind)>,
    parents: Vec<String>,
}

impl Table {
    /// Its columns in quotes, with commas between.
    pub(super) fn column_list(&self) -> String {
        let quoted: Vec<_> = self
            .columns
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        quoted.join(", ")
    }
}

/// The tables of an SQLite file of ours, those that others refer to first.
///
/// # Errors
/// A [`StoreError`]; [`StoreError::Settings`] for a column of a kind that no table of ours has.
pub(super) async fn tables(connection: &mut AnyConnection) -> Result<Vec<Table>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(
        "select name from sqlite_master where type = 'table' \
         and name not like 'sqlite\\_%' escape '\\' and name <> '_sqlx_migrations' order by name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut left = Vec::new();
    for name in names {
        left.push(table(connection, name).await?);
    }
    let mut sorted: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let is_ready = |table: &Table, left: &[Table]| {
            let waits_for = |parent: &String| left.iter().any(|other| other.name == *parent);
            !table
                .parents
                .iter()
                .any(|parent| *parent != table.name && waits_for(parent))
        };
        // Tables that refer to each other in a circle go as they come.
        let next = left.iter().position(|table| is_ready(table, &left));
        sorted.push(left.remove(next.unwrap_or(0)));
    }
    Ok(sorted)
}

async fn table(connection: &mut AnyConnection, name: String) -> Result<Table, StoreError> {
    let rows = sqlx::query("select name, type from pragma_table_info($1) order by cid")
        .bind(name.as_str())
        .fetch_all(&mut *connection)
        .await?;
    let mut columns = Vec::new();
    for row in rows {
        let declared: String = row.try_get("type")?;
        let kind = match declared.to_ascii_lowercase().as_str() {
            "bigint" => Kind::Int,
            "text" => Kind::Text,
            "bytea" => Kind::Bytes,
            _ => {
                return Err(StoreError::Settings(format!(
                    "the table `{name}` has a column of an unknown kind"
                )));
            }
        };
        columns.push((row.try_get("name")?, kind));
    }
    let parents = sqlx::query_scalar("select \"table\" from pragma_foreign_key_list($1)")
        .bind(name.as_str())
        .fetch_all(&mut *connection)
        .await?;
    Ok(Table {
        name,
        columns,
        parents,
    })
}

/// What a database that was only started has written by itself, and restoring replaces.
const BY_ITSELF: [&str; 5] = ["key_check", "index_key", "audit_trail", "pace", "attempt"];

/// Whether nobody has used the database: there is nothing in any table but what a start writes.
///
/// # Errors
/// A [`StoreError`].
pub(super) async fn is_unused(
    connection: &mut AnyConnection,
    tables: &[Table],
) -> Result<bool, StoreError> {
    for table in tables {
        if BY_ITSELF.contains(&table.name.as_str()) {
            continue;
        }
        let sql = format!("select cast(1 as bigint) from \"{}\" limit 1", table.name);
        let found = sqlx::query(AssertSqlSafe(sql))
            .fetch_optional(&mut *connection)
            .await?;
        if found.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes away what a start has written.
///
/// # Errors
/// A [`StoreError`].
pub(super) async fn forget_the_start(connection: &mut AnyConnection) -> Result<(), StoreError> {
    for name in BY_ITSELF {
        let sql = format!("delete from \"{name}\"");
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
