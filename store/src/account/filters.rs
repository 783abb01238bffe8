//! Filters of the dashboard that an account's owner keeps under a name.

use crmap_domain::cabinet::{FilterName, SavedFilter};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::to_ms;
use crate::words::bounded;
use crate::{Store, StoreError, Tenant};

/// The longest parameters of an address that are kept, in bytes.
const MAX_QUERY: usize = 4_096;

const FILTERS: &str =
    "select id, name, query from saved_filter where account_id = $1 order by made_at, id";

/// What became of a filter that was to be kept, or to be called something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterKeeping {
    /// It is kept so.
    Kept(SavedFilter),
    /// Another filter of the account has that name.
    Taken,
    /// The account keeps as many as it can.
    Full,
    /// There is no such filter, or no such account any more.
    Missing,
}

/// # Saved filters of the dashboard
impl Store {
    /// The filters that an account keeps, the first kept first.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.filter.list", skip_all)]
    pub async fn saved_filters(&self, tenant: &Tenant) -> Result<Vec<SavedFilter>, StoreError> {
        let rows = sqlx::query(FILTERS)
            .bind(tenant.id())
            .fetch_all(&self.reads)
            .await?;
        rows.iter().map(filter_from).collect()
    }

    /// Keeps a filter under a name.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.filter.save", skip_all)]
    pub async fn save_filter(
        &self,
        tenant: &Tenant,
        name: &FilterName,
        query: &str,
        now: OffsetDateTime,
    ) -> Result<FilterKeeping, StoreError> {
        let mut work = self.begin().await?;
        let Some(known) = self.filters_to_change(&mut work, tenant).await? else {
            return Ok(FilterKeeping::Missing);
        };
        if known.iter().any(|filter| name.is_like(&filter.name)) {
            return Ok(FilterKeeping::Taken);
        }
        if known.len() >= SavedFilter::MOST {
            return Ok(FilterKeeping::Full);
        }
        let filter = SavedFilter {
            id: self.vault.new_id(),
            name: name.as_str().to_owned(),
            query: bounded(query, MAX_QUERY),
        };
        sqlx::query(
            "insert into saved_filter (id, account_id, name, query, made_at) \
             values ($1, $2, $3, $4, $5)",
        )
        .bind(&filter.id)
        .bind(tenant.id())
        .bind(&filter.name)
        .bind(&filter.query)
        .bind(to_ms(now))
        .execute(&mut *work)
        .await?;
        work.commit().await?;
        Ok(FilterKeeping::Kept(filter))
    }

    /// Calls a filter of an account something else.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.filter.rename", skip_all)]
    pub async fn rename_filter(
        &self,
        tenant: &Tenant,
        id: &str,
        name: &FilterName,
    ) -> Result<FilterKeeping, StoreError> {
        let mut work = self.begin().await?;
        let known = self.filters_to_change(&mut work, tenant).await?;
        let (mut same, others): (Vec<_>, Vec<_>) = known
            .unwrap_or_default()
            .into_iter()
            .partition(|filter| filter.id == id);
        let Some(filter) = same.pop() else {
            return Ok(FilterKeeping::Missing);
        };
        if others.iter().any(|other| name.is_like(&other.name)) {
            return Ok(FilterKeeping::Taken);
        }
        sqlx::query("update saved_filter set name = $3 where account_id = $1 and id = $2")
            .bind(tenant.id())
            .bind(id)
            .bind(name.as_str())
            .execute(&mut *work)
            .await?;
        work.commit().await?;
        let name = name.as_str().to_owned();
        Ok(FilterKeeping::Kept(SavedFilter { name, ..filter }))
    }

    /// Keeps a filter no longer. Says whether there was one.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.filter.delete", skip_all)]
    pub async fn delete_filter(&self, tenant: &Tenant, id: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from saved_filter where account_id = $1 and id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(&self.writes)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The filters of an account, which nobody else changes until the transaction ends; nothing where
    /// the account is not there any more.
    async fn filters_to_change(
        &self,
        work: &mut Transaction<'static, Any>,
        tenant: &Tenant,
    ) -> Result<Option<Vec<SavedFilter>>, StoreError> {
        if !self.lock_account(work, tenant.id()).await? {
            return Ok(None);
        }
        let rows = sqlx::query(FILTERS)
            .bind(tenant.id())
            .fetch_all(&mut **work)
            .await?;
        rows.iter()
            .map(filter_from)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

fn filter_from(row: &AnyRow) -> Result<SavedFilter, StoreError> {
    let columns = Columns::new(row, "saved_filter", "a filter");
    Ok(SavedFilter {
        id: columns.text("id")?,
        name: columns.text("name")?,
        query: columns.text("query")?,
    })
}
