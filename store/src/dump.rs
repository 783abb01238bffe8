//! Everything that is in the database, for tests that say what changes and what does not.

use sqlx::AssertSqlSafe;

use crate::{Store, StoreError};

/// # Everything, for tests
impl Store {
    /// Every row of every table as `table: value, value`, in an order that stays the same. SQLite
    /// alone.
    ///
    /// # Errors
    /// A [`StoreError`] where the database is not to be had.
    pub async fn dump(&self) -> Result<Vec<String>, StoreError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select name from sqlite_master \
             where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
        )
        .fetch_all(&self.reads)
        .await?;
        let mut lines = Vec::new();
        for table in tables {
            lines.extend(self.dump_table(&table).await?);
        }
        Ok(lines)
    }

    async fn dump_table(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let columns: Vec<String> =
            sqlx::query_scalar("select name from pragma_table_info($1) order by cid")
                .bind(table)
                .fetch_all(&self.reads)
                .await?;
        let quoted: Vec<_> = columns
            .iter()
            .map(|column| format!("quote(\"{column}\")"))
            .collect();
        let row = quoted.join(" || ', ' || ");
        let rows = format!("select '{table}: ' || {row} as line from \"{table}\" order by line");
        let rows = sqlx::query_scalar(AssertSqlSafe(rows));
        Ok(rows.fetch_all(&self.reads).await?)
    }
}
