//! Chains of which it is not known whether their refresh token is used up: a refresh got no
//! sensible answer, or the process that refreshed has died (crash points P2 and P3).

use sqlx::any::AnyRow;
use tracing::instrument;

use super::Chain;
use crate::{Store, StoreError};

/// # Chains in doubt
impl Store {
    /// Chains in doubt that may be tried again now, the longest waiting first. A damaged one is
    /// reported and left out, whatever their number: the others do not wait for it.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.in_doubt", skip_all)]
    pub async fn ambiguous_chains(&self, limit: u32) -> Result<Vec<Chain>, StoreError> {
        let mut chains = Vec::new();
        let mut skipped = 0;
        while chains.len() < limit as usize {
            let rows = self.rows_in_doubt(limit, skipped).await?;
            for row in &rows {
                match Chain::from_row(row, &self.vault) {
                    Ok(chain) => chains.push(chain),
                    Err(StoreError::Corrupt { table, row, column }) => {
                        tracing::error!(table, row, column, "a chain in doubt is damaged");
                    }
                    Err(error) => return Err(error),
                }
            }
            if rows.len() < limit as usize {
                break;
            }
            skipped += i64::from(limit);
        }
        chains.truncate(limit as usize);
        Ok(chains)
    }

    async fn rows_in_doubt(&self, limit: u32, skipped: i64) -> Result<Vec<AnyRow>, StoreError> {
        let sql = "select {chain} from credential \
                   where (status = 'ambiguous' or intent_generation > generation) \
                   and status in ('active', 'ambiguous') \
                   and (lease_until is null or lease_until <= {now}) \
                   order by lease_until, id limit $1 offset $2";
        Ok(sqlx::query(self.dialect.sql(sql))
            .bind(i64::from(limit))
            .bind(skipped)
            .fetch_all(&self.reads)
            .await?)
    }
}
