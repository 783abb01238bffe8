//! Turns at writing files of portals: how many at once, for all and for one account.

use std::sync::Arc;

use crmap_domain::MemberId;
use crmap_domain::cabinet::{DeedKind, Denial, PortalCard};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Entered, denial_of};
use crate::Services;
use crate::shares::Shares;

/// How many files of many portals are written at once by this process.
const MANY: usize = 2;
/// How many files of many portals are written at once for an account.
const MANY_EACH: usize = 1;
/// How many files of one portal are written at once by this process.
const SINGLE: usize = 16;
/// How many files of one portal are written at once for an account.
const SINGLE_EACH: usize = 4;

/// Turns at writing files.
pub(crate) struct Exports {
    many: Turns,
    single: Turns,
}

impl Exports {
    pub(crate) fn new() -> Self {
        Self {
            many: Turns::new(MANY, MANY_EACH),
            single: Turns::new(SINGLE, SINGLE_EACH),
        }
    }
}

/// As many turns as there may be at once, and as one account may have of them.
struct Turns {
    all: Arc<Semaphore>,
    shares: Shares,
}

/// A turn at writing a file; it ends when this is dropped.
#[must_use]
pub struct ExportTurn {
    _share: OwnedSemaphorePermit,
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    fn new(all: usize, each: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            shares: Shares::new(each),
        }
    }

    fn take(&self, account: &str) -> Result<ExportTurn, Denial> {
        let share = self.shares.try_take(account).ok_or(Denial::Exporting)?;
        let permit = Arc::clone(&self.all).try_acquire_owned();
        Ok(ExportTurn {
            _share: share,
            _permit: permit.map_err(|_none_is_left| Denial::Busy)?,
        })
    }
}

/// # Turns at writing files
impl Services {
    /// A turn at writing the file of one portal.
    ///
    /// # Errors
    /// [`Denial::Exporting`] while as many files are written for the account as may be,
    /// [`Denial::Busy`] while as many are written for all.
    pub fn begin_file(&self, entered: &Entered) -> Result<ExportTurn, Denial> {
        self.exports.single.take(entered.tenant().id())
    }

    /// Whether a portal still serves the account: what is under way of it ends where it does not
    /// (SEC-24). A database that is away says so of nobody.
    pub async fn still_serves(&self, entered: &Entered, member_id: &MemberId) -> bool {
        match self.linked_to(entered, member_id).await {
            Ok(linked) => !linked.is_void,
            Err(denial) => denial != Denial::NotFound,
        }
    }

    /// A turn at writing a file of those of the `wanted` portals that are linked to the account, or
    /// of all where none is named; with these portals, as they are at the beginning. `form` is what
    /// the account's log calls the file.
    ///
    /// # Errors
    /// [`Denial::NotFound`] where no portal is left, [`Denial::Exporting`] while another such file is
    /// written for the account, [`Denial::Busy`] while as many are written for all as may be,
    /// [`Denial::StoreUnavailable`].
    pub async fn begin_export(
        &self,
        entered: &Entered,
        wanted: &[MemberId],
        form: &str,
    ) -> Result<(Vec<PortalCard>, ExportTurn), Denial> {
        let turn = self.exports.many.take(entered.tenant().id())?;
        let mut portals = self.portals(entered).await?;
        if !wanted.is_empty() {
            portals.retain(|card| wanted.contains(&card.member_id));
        }
        if portals.is_empty() {
            return Err(Denial::NotFound);
        }
        let deed = DeedKind::Exported {
            portals: u32::try_from(portals.len()).unwrap_or(u32::MAX),
            form: form.to_owned(),
        };
        let noted = self
            .store
            .note_deed(entered.tenant(), &deed, self.clock.now())
            .await;
        noted.map_err(denial_of)?;
        Ok((portals, turn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_share_of_the_turns_and_gets_them_back() {
        let turns = Turns::new(3, 2);
        let (first, second) = (turns.take("anna"), turns.take("anna"));
        assert!(first.is_ok() && second.is_ok());
        assert!(matches!(turns.take("anna"), Err(Denial::Exporting)));
        let third = turns.take("boris");
        assert!(third.is_ok());
        assert!(matches!(turns.take("boris"), Err(Denial::Busy)));
        drop(first);
        assert!(turns.take("clara").is_ok(), "and it ends at once");
        let again = turns.take("anna");
        assert!(again.is_ok());
        assert!(matches!(turns.take("anna"), Err(Denial::Exporting)));
        drop((again, second, third));
        assert_eq!(turns.all.available_permits(), 3);
    }
}
