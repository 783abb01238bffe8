//! Walking along trails, looking for what was changed, removed or inserted.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::trail::{Deed, Ends};
use crate::columns::Columns;
use crate::verify::Finding;
use crate::{Store, StoreError};

/// What no row of the audit log may be, told by one statement each that names the rows.
pub(crate) const RULES: [(&str, &str, &str); 6] = [
    (
        "audit",
        "belongs to no account",
        "select id from audit \
         where account_id is not null and account_id not in (select id from account)",
    ),
    (
        "audit",
        "is in no trail: it was not written by this release",
        "select id from audit \
         where (account_id is null or account_id in (select id from account)) \
         and (trail is null or place is null or mac is null \
           or trail not in (select trail from audit_trail))",
    ),
    (
        "account",
        "has no trail of deeds",
        "select id from account where 'account:' || id not in (select trail from audit_trail)",
    ),
    (
        "portal",
        "has no trail of deeds",
        "select member_id from portal \
         where 'portal:' || member_id not in (select trail from audit_trail)",
    ),
    (
        "audit_trail",
        "belongs to nobody",
        "select trail from audit_trail where trail <> 'operator' \
         and trail not in (select 'account:' || id from account) \
         and trail not in (select 'portal:' || member_id from portal)",
    ),
    (
        "audit_gap",
        "is in no trail",
        "select distinct trail from audit_gap \
         where trail not in (select trail from audit_trail)",
    ),
];

/// Where a deed was erased.
struct Gap {
    gone: Vec<u8>,
    mac: Vec<u8>,
}

/// How far a walk has come.
struct Walk<'a> {
    trail: &'a str,
    place: i64,
    before: Vec<u8>,
    gaps: BTreeMap<i64, Gap>,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn find(&mut self, table: &'static str, row: &str, what: impl Into<String>) {
        self.findings.push(Finding {
            table,
            row: row.to_owned(),
            what: what.into(),
        });
    }

    fn find_missing(&mut self, until: i64) {
        if self.place < until {
            let what = format!("misses the deeds {} to {}", self.place, until - 1);
            let trail = self.trail;
            self.find("audit_trail", trail, what);
        }
    }
}

impl Store {
    /// What is wrong with one trail. While it is looked at nobody adds to it.
    pub(crate) async fn check_trail(&self, trail: &str) -> Result<Vec<Finding>, StoreError> {
        let mut work = self.begin().await?;
        let Some((ends, sound)) = self.ends_of(&mut work, trail).await? else {
            // Its owner was deleted a moment ago.
            return Ok(Vec::new());
        };
        let gaps = sqlx::query("select place, gone_mac, mac from audit_gap where trail = $1")
            .bind(trail)
            .fetch_all(&mut *work)
            .await?;
        let rows = sqlx::query(Self::deeds_sql(
            "select {deed}, place, mac from audit where trail = $1 \
             and place is not null and mac is not null order by place, id",
        ))
        .bind(trail)
        .fetch_all(&mut *work)
        .await?;
        work.rollback().await?;
        let mut walk = Walk {
            trail,
            place: ends.first_place,
            before: ends.before_mac.clone(),
            gaps: gaps.iter().map(gap).collect::<Result<_, StoreError>>()?,
            findings: Vec::new(),
        };
        if !sound {
            walk.find("audit_trail", trail, "its ends were tampered with");
        }
        if ends.late {
            let what = "began after its owner: an older release was still writing";
            walk.find("audit_trail", trail, what);
        }
        for row in &rows {
            self.step(&mut walk, row)?;
        }
        self.finish(&mut walk, &ends)?;
        Ok(walk.findings)
    }

    /// One deed further.
    fn step(&self, walk: &mut Walk<'_>, row: &AnyRow) -> Result<(), StoreError> {
        let id: String = row.try_get("id")?;
        let columns = Columns::new(row, "audit", id.as_str());
        let deed = Deed::from_columns(&columns)?;
        let (place, mac) = (columns.int("place")?, columns.bytes("mac")?);
        self.step_over_gaps(walk, place)?;
        if place < walk.place {
            walk.find("audit", &id, "stands where another deed does");
            return Ok(());
        }
        walk.find_missing(place);
        // After deeds that are missing nothing can be said of how the next one follows them.
        let follows = place == walk.place;
        if follows && mac != self.trail_key()?.of_deed(place, &walk.before, &deed)? {
            walk.find(
                "audit",
                &id,
                "was changed, or does not follow the one before",
            );
        }
        walk.place = place + 1;
        walk.before = mac;
        Ok(())
    }

    fn step_over_gaps(&self, walk: &mut Walk<'_>, until: i64) -> Result<(), StoreError> {
        while walk.place < until
            && let Some(Gap { gone, mac }) = walk.gaps.remove(&walk.place)
        {
            if mac != self.trail_key()?.of_gap(walk.trail, walk.place, &gone)? {
                let row = format!("{}/{}", walk.trail, walk.place);
                walk.find("audit_gap", &row, "was not erased by CRMAP");
            }
            walk.place += 1;
            walk.before = gone;
        }
        Ok(())
    }

    /// Whether the walk ended where the trail does.
    fn finish(&self, walk: &mut Walk<'_>, ends: &Ends) -> Result<(), StoreError> {
        self.step_over_gaps(walk, ends.last_place + 1)?;
        walk.find_missing(ends.last_place + 1);
        let trail = walk.trail;
        if walk.place > ends.last_place + 1 {
            walk.find("audit_trail", trail, "has deeds after its end");
        } else if walk.findings.is_empty() && walk.before != ends.last_mac {
            walk.find("audit_trail", trail, "does not end with its last deed");
        }
        if !walk.gaps.is_empty() {
            walk.find(
                "audit_gap",
                trail,
                "stands where a deed does, or outside its trail",
            );
        }
        Ok(())
    }
}

fn gap(row: &AnyRow) -> Result<(i64, Gap), StoreError> {
    let gap = Gap {
        gone: row.try_get("gone_mac")?,
        mac: row.try_get("mac")?,
    };
    Ok((row.try_get("place")?, gap))
}
