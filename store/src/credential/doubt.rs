//! Chains of which it is not known whether their refresh token is used up: a refresh got no
//! sensible answer, or the process that refreshed has died (crash points P2 and P3).

use tracing::instrument;

use super::Chain;
use crate::{Store, StoreError};

impl Store {
    /// Chains in doubt that may be tried again now, the longest waiting first.
    ///
    /// # Errors
    /// As [`chains`](Self::chains).
    #[instrument(name = "db.credential.in_doubt", skip_all)]
    pub async fn ambiguous_chains(&self, limit: u32) -> Result<Vec<Chain>, StoreError> {
        let sql = "select {chain} from credential \
                   where (status = 'ambiguous' or intent_generation > generation) \
                   and status in ('active', 'ambiguous') \
                   and (lease_until is null or lease_until <= {now}) \
                   order by lease_until, id limit $1";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(i64::from(limit))
            .fetch_all(&self.reads)
            .await?;
        rows.iter()
            .map(|row| Chain::from_row(row, &self.vault))
            .collect()
    }
}
