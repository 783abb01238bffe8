//! What was written down a moment ago need not be written again: people open the application many
//! times a day, and each write waits for the disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crmap_domain::MemberId;
use time::OffsetDateTime;

/// Above this many entries, those that are over are dropped.
const MOST: usize = 20_000;

/// Notes of one kind about portals and their users, each good until a moment.
pub(crate) struct Recent<V>(Mutex<HashMap<(MemberId, i64), Note<V>>>);

struct Note<V> {
    value: V,
    until: OffsetDateTime,
}

impl<V> Recent<V> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// What `pick` makes of what was noted and is still good.
    pub(crate) fn find<R>(
        &self,
        member_id: &MemberId,
        user_id: i64,
        now: OffsetDateTime,
        pick: impl FnOnce(&V) -> Option<R>,
    ) -> Option<R> {
        let notes = self.lock();
        let note = notes.get(&(member_id.clone(), user_id))?;
        (note.until > now).then(|| pick(&note.value)).flatten()
    }

    /// Whether exactly this was noted and is still good.
    pub(crate) fn holds(
        &self,
        member_id: &MemberId,
        user_id: i64,
        value: &V,
        now: OffsetDateTime,
    ) -> bool
    where
        V: PartialEq,
    {
        let same = |noted: &V| (noted == value).then_some(());
        self.find(member_id, user_id, now, same).is_some()
    }

    /// Notes it.
    pub(crate) fn note(
        &self,
        member_id: &MemberId,
        user_id: i64,
        value: V,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) {
        let mut notes = self.lock();
        if notes.len() >= MOST {
            notes.retain(|_, note| note.until > now);
        }
        // What is forgotten is only written down once more.
        if notes.len() >= MOST {
            notes.clear();
        }
        notes.insert((member_id.clone(), user_id), Note { value, until });
    }

    /// Forgets everything about a portal.
    pub(crate) fn forget(&self, member_id: &MemberId) {
        self.lock().retain(|(known, _), _| known != member_id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(MemberId, i64), Note<V>>> {
        // Entries are whole or absent, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_note_is_good_for_its_value_until_its_time_and_until_the_portal_is_forgotten() {
        let now = datetime!(2026-03-01 12:00 UTC);
        let portal = MemberId::parse("0123456789abcdef0123456789abcdef").unwrap();
        let notes = Recent::new();
        notes.note(&portal, 1, "a", now, now + Duration::minutes(30));
        assert!(notes.holds(&portal, 1, &"a", now + Duration::minutes(29)));
        assert!(!notes.holds(&portal, 1, &"a", now + Duration::minutes(30)));
        assert!(!notes.holds(&portal, 1, &"b", now));
        assert!(!notes.holds(&portal, 2, &"a", now));
        notes.forget(&portal);
        assert!(!notes.holds(&portal, 1, &"a", now));
    }
}
