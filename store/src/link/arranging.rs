//! What a cabinet's owner does with many portals at once.

use crmap_domain::MemberId;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use tracing::instrument;

use crate::columns::Columns;
use crate::{Store, StoreError, Tenant};

/// What of a linked portal can be changed for many of them at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// Whether its owner keeps it among the favourites.
    pub favourite: bool,
    /// Its tags, in the owner's order.
    pub tags: Vec<String>,
}

/// # Many portals at once
impl Store {
    /// Shows `arrange` each portal of a cabinet with how it is arranged, and keeps what it gives back
    /// instead; nothing for what stays as it is. All of it is kept, or nothing.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.arrange", skip_all)]
    pub async fn arrange(
        &self,
        tenant: &Tenant,
        mut arrange: impl FnMut(&MemberId, &Arrangement) -> Option<Arrangement> + Send,
    ) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        let sql = "select member_id, favourite, tags from link where account_id = $1 \
                   order by member_id {for_update}";
        let rows = sqlx::query(self.dialect.sql(sql))
            .bind(tenant.id())
            .fetch_all(&mut *work)
            .await?;
        for row in &rows {
            let (member_id, before) = arrangement_from(row)?;
            match arrange(&member_id, &before) {
                Some(after) if after != before => {
                    keep(&mut work, tenant, &member_id, &after).await?;
                }
                _ => {}
            }
        }
        work.commit().await?;
        Ok(())
    }
}

async fn keep(
    work: &mut Transaction<'static, Any>,
    tenant: &Tenant,
    member_id: &MemberId,
    arrangement: &Arrangement,
) -> Result<(), StoreError> {
    let tags = serde_json::Value::from(arrangement.tags.clone()).to_string();
    sqlx::query(
        "update link set favourite = $3, tags = $4 where account_id = $1 and member_id = $2",
    )
    .bind(tenant.id())
    .bind(member_id.as_str())
    .bind(i64::from(arrangement.favourite))
    .bind(tags)
    .execute(&mut **work)
    .await?;
    Ok(())
}

fn arrangement_from(row: &AnyRow) -> Result<(MemberId, Arrangement), StoreError> {
    let columns = Columns::new(row, "link", "a link");
    let tags = columns.text("tags")?;
    let arrangement = Arrangement {
        favourite: columns.flag("favourite")?,
        tags: serde_json::from_str(&tags).map_err(|_error| columns.corrupt("tags"))?,
    };
    Ok((columns.member_id("member_id")?, arrangement))
}
