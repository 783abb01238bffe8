//! What linked portals are and were, for all cabinets that they are linked to: the last reading, and
//! a version for each time that a reading found something else. Nothing is kept of a portal that
//! nobody is linked to, nor of people of one that removed the application.

mod form;
mod history;
mod keeping;
mod writing;

use crmap_domain::{MemberId, Specification};
use time::OffsetDateTime;
use tracing::instrument;

use crate::blocking::blocking;
use crate::columns::Columns;
use crate::{Store, StoreError, Tenant};

pub use history::{ChangeQuery, StoredChange};
pub use keeping::{Base, Comparison, Current, Keeping, NewReading, Renewal};

/// The last reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When it was taken.
    pub taken_at: OffsetDateTime,
    /// Which version it found.
    pub number: u32,
    /// What was read. Where the portal removed the application since, its people are left out.
    pub specification: Specification,
}

/// # The last readings
impl Store {
    /// The last reading of a portal, for a cabinet that it is linked to. Nothing where it is not,
    /// or not any more, or was not read yet. One from before the link bears the link's moment: since
    /// when others have the portal read is not told (SEC-23).
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it cannot be understood.
    #[instrument(name = "db.snapshot.find", skip_all, fields(portal.member_id = %member_id))]
    pub async fn snapshot(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<Snapshot>, StoreError> {
        let found = self.reading_as_taken(tenant, member_id).await?;
        Ok(found.map(|(mut snapshot, linked_at)| {
            if snapshot.taken_at < linked_at {
                snapshot.taken_at = linked_at;
                date_to(&mut snapshot.specification, linked_at);
            }
            snapshot
        }))
    }

    /// The last reading as it was taken, and when the cabinet was linked. Not to be shown.
    pub(crate) async fn reading_as_taken(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<(Snapshot, OffsetDateTime)>, StoreError> {
        let row = sqlx::query(
            "select snapshot.taken_at, snapshot.number, snapshot.reading, link.linked_at, \
             version.content, version.people from snapshot \
             join link on link.member_id = snapshot.member_id \
             join version on version.member_id = snapshot.member_id \
               and version.number = snapshot.number \
             where link.account_id = $1 and snapshot.member_id = $2 \
             and link.void_since is null",
        )
        .bind(tenant.id())
        .bind(member_id.as_str())
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let columns = Columns::new(&row, "version", member_id.as_str());
        let mut specification = unpacked(&columns, member_id.as_str()).await?;
        if let Some(reading) = columns.maybe_text("reading")? {
            form::put_circumstances(&mut specification, &reading);
        }
        let snapshot = Snapshot {
            taken_at: columns.moment("taken_at")?,
            number: columns.count("number")?,
            specification,
        };
        Ok(Some((snapshot, columns.moment("linked_at")?)))
    }

    /// Whether what the snapshot of a portal says of itself goes with its version, whoever may see
    /// it. What cannot be understood at all is found with the version.
    pub(crate) async fn check_snapshot(&self, name: &str) -> Result<(), StoreError> {
        let row = sqlx::query(
            "select snapshot.totals, snapshot.known, version.content, version.people \
             from snapshot join version on version.member_id = snapshot.member_id \
               and version.number = snapshot.number where snapshot.member_id = $1",
        )
        .bind(name)
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(());
        };
        let columns = Columns::new(&row, "snapshot", name);
        let known = columns.maybe_bytes("known")?;
        if known.is_some_and(|known| form::unpack_known(&known).is_none()) {
            return Err(columns.corrupt("known"));
        }
        let Ok(specification) = unpacked(&columns, name).await else {
            return Ok(());
        };
        if form::totals_fit(&columns.text("totals")?, &specification) {
            Ok(())
        } else {
            Err(columns.corrupt("totals"))
        }
    }

    /// Whether a version of a portal can be understood and is what it was.
    pub(crate) async fn check_version(&self, name: String, number: i64) -> Result<(), StoreError> {
        let sql = "select content, people, digest from version \
                   where member_id = $1 and number = $2";
        let row = sqlx::query(sql)
            .bind(name.as_str())
            .bind(number)
            .fetch_optional(&self.reads)
            .await?;
        let Some(row) = row else {
            return Ok(());
        };
        let name = format!("{name}/{number}");
        let columns = Columns::new(&row, "version", name.as_str());
        let specification = unpacked(&columns, &name).await?;
        let digest = columns.maybe_bytes("digest")?;
        let found = blocking(move || Ok(form::digest(&specification))).await?;
        if digest.is_some_and(|digest| digest != found) {
            return Err(columns.corrupt("digest"));
        }
        Ok(())
    }
}

/// Has a reading bear another moment, with the portal's own offset from UTC.
fn date_to(specification: &mut Specification, moment: OffsetDateTime) {
    let offset = specification.reading.at.offset();
    specification.reading.at = moment.checked_to_offset(offset).unwrap_or(moment);
}

async fn unpacked(columns: &Columns<'_>, name: &str) -> Result<Specification, StoreError> {
    let (content, people) = (columns.bytes("content")?, columns.maybe_bytes("people")?);
    let name = name.to_owned();
    blocking(move || {
        form::unpack(&content, people.as_deref())
            .map_err(|column| StoreError::corrupt("version", name, column))
    })
    .await
}
