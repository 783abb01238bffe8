//! A world that changes while others read it: every change makes a new version, and the former ones
//! stay, so that a borrowed world is never pulled away.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::World;

/// All versions of a portal's world.
#[derive(Debug)]
pub(crate) struct History {
    first: Box<Version>,
    writing: Mutex<()>,
}

#[derive(Debug)]
struct Version {
    world: World,
    next: OnceLock<Box<Self>>,
}

impl Version {
    fn new(world: World) -> Box<Self> {
        let next = OnceLock::new();
        Box::new(Self { world, next })
    }
}

impl History {
    pub(crate) fn new(world: World) -> Self {
        Self {
            first: Version::new(world),
            writing: Mutex::default(),
        }
    }

    /// The world as it is now.
    pub(crate) fn now(&self) -> &World {
        &self.last().world
    }

    /// Changes the world; what the change gives back is given back.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.last();
        let mut world = last.world.clone();
        let outcome = change(&mut world);
        // Nobody else writes while we hold the lock, so the place behind the last one is free.
        last.next.get_or_init(|| Version::new(world));
        outcome
    }

    fn last(&self) -> &Version {
        let mut version = &self.first;
        while let Some(next) = version.next.get() {
            version = next;
        }
        version
    }
}

impl Drop for History {
    /// One by one: a long history would overflow the stack.
    fn drop(&mut self) {
        let mut next = self.first.next.take();
        while let Some(mut version) = next {
            next = version.next.take();
        }
    }
}
