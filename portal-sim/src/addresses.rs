//! Who lives where: portals move to spare addresses, swap theirs, and leave old ones to strangers
//! (§2.7).

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::portal::Portal;

/// Who answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tenant {
    /// Nobody: connections are reset.
    Nobody,
    /// The portal of that number.
    Portal(usize),
    /// The portal of that number has moved away and sends everybody after it.
    Former(usize),
}

/// All addresses of portals.
#[derive(Debug)]
pub(crate) struct AddressBook(Mutex<Vec<(SocketAddr, Tenant)>>);

impl AddressBook {
    /// The first `portals` addresses have a portal each; the others are spare.
    pub(crate) fn new(addresses: &[SocketAddr], portals: usize) -> Self {
        let entry = |(index, address): (usize, &SocketAddr)| {
            let tenant = if index < portals {
                Tenant::Portal(index + 1)
            } else {
                Tenant::Nobody
            };
            (*address, tenant)
        };
        Self(Mutex::new(
            addresses.iter().enumerate().map(entry).collect(),
        ))
    }

    /// Where that portal lives; none before it has an address.
    pub(crate) fn of(&self, portal: usize) -> Option<SocketAddr> {
        let book = self.book();
        let found = book.iter().find(|entry| entry.1 == Tenant::Portal(portal));
        found.map(|entry| entry.0)
    }

    pub(crate) fn tenant_at(&self, index: usize) -> Tenant {
        let book = self.book();
        book.get(index).map_or(Tenant::Nobody, |entry| entry.1)
    }

    /// Moves a portal to the first free address and leaves a sign at the old one. False when no
    /// address is free.
    pub(crate) fn move_out(&self, portal: usize) -> bool {
        let mut book = self.book();
        let at =
            |book: &[(SocketAddr, Tenant)], tenant| book.iter().position(|entry| entry.1 == tenant);
        let (Some(old), Some(new)) = (at(&book, Tenant::Portal(portal)), at(&book, Tenant::Nobody))
        else {
            return false;
        };
        book[old].1 = Tenant::Former(portal);
        book[new].1 = Tenant::Portal(portal);
        true
    }

    /// Two portals take each other's address. False when one of them has none.
    pub(crate) fn swap(&self, one: usize, other: usize) -> bool {
        if self.of(one).is_none() || self.of(other).is_none() {
            return false;
        }
        for entry in self.book().iter_mut() {
            entry.1 = match entry.1 {
                Tenant::Portal(portal) if portal == one => Tenant::Portal(other),
                Tenant::Portal(portal) if portal == other => Tenant::Portal(one),
                tenant => tenant,
            };
        }
        true
    }

    /// Has that portal left an address that nobody else has taken?
    pub(crate) fn has_left(&self, portal: usize) -> bool {
        let book = self.book();
        book.iter().any(|entry| entry.1 == Tenant::Former(portal))
    }

    /// Gives an address that `portal` has left to another one.
    pub(crate) fn give_away(&self, portal: usize, to: usize) {
        let mut book = self.book();
        let left = book
            .iter_mut()
            .find(|entry| entry.1 == Tenant::Former(portal));
        if let Some(entry) = left {
            entry.1 = Tenant::Portal(to);
        }
    }

    fn book(&self) -> MutexGuard<'_, Vec<(SocketAddr, Tenant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Portal {
    /// The portal gets another name: it moves to a spare address and leaves a 302 at the old one
    /// (§2.7). False when no address is spare.
    pub fn rename(&self) -> bool {
        self.shared().addresses.move_out(self.number())
    }

    /// Two portals take each other's name.
    pub fn swap_names(&self, with: &Self) {
        self.swap_with(with.number());
    }

    /// A stranger registers a name that this portal has left: the next portal that was not there
    /// before, whose number comes back. None when no name was left, or no portal waits.
    pub fn give_former_name_away(&self) -> Option<usize> {
        let shared = self.shared();
        if !shared.addresses.has_left(self.number()) {
            return None;
        }
        let stranger = shared.register()?;
        shared.addresses.give_away(self.number(), stranger);
        Some(stranger)
    }

    /// False when there is no such portal.
    pub(crate) fn swap_with(&self, portal: usize) -> bool {
        self.shared().addresses.swap(self.number(), portal)
    }
}
