//! The faults that are on, and how they are used up.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::{Effect, Fault};

/// The faults that are on.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Switches one on; a clipboard switch replaces the earlier one.
    pub(crate) fn add(&self, fault: Fault) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(fault, Fault::Clipboard { .. }) {
            list.retain(|old| !matches!(old, Fault::Clipboard { .. }));
        }
        list.push(fault);
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(crate) fn active(&self) -> Vec<Fault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn latency_ms(&self) -> u64 {
        let delays = self.active().into_iter().map(|fault| match fault {
            Fault::Latency { ms } => ms,
            _ => 0,
        });
        delays.sum()
    }

    /// The effect on the answer of `method`; counts down those that last only some answers.
    pub(crate) fn take_effect(&self, method: &str) -> Option<Effect> {
        self.take(|name, _| name.is_none_or(|name| name.eq_ignore_ascii_case(method)))
    }

    /// The error that hits `method` inside a batch.
    pub(crate) fn take_inner_error(&self, method: &str) -> Option<(String, String)> {
        let inner = self.active().into_iter().find_map(|fault| match fault {
            Fault::InsideBatch {
                method: name,
                error,
                description,
            } if name.eq_ignore_ascii_case(method) => Some((error, description)),
            _ => None,
        });
        if inner.is_some() {
            return inner;
        }
        let named = |name: Option<&str>, effect: &Effect| {
            matches!(effect, Effect::Error { .. })
                && name.is_some_and(|name| name.eq_ignore_ascii_case(method))
        };
        match self.take(named) {
            Some(Effect::Error {
                error, description, ..
            }) => Some((error, description)),
            _ => None,
        }
    }

    pub(crate) fn replacement(&self, method: &str) -> Option<Value> {
        self.active().into_iter().find_map(|fault| match fault {
            Fault::ReplaceResult {
                method: name,
                result,
            } if name.eq_ignore_ascii_case(method) => Some(result),
            _ => None,
        })
    }

    pub(crate) fn hostile_labels(&self) -> Option<(String, bool)> {
        self.active().into_iter().find_map(|fault| match fault {
            Fault::HostileLabels { text, replace } => Some((text, replace)),
            _ => None,
        })
    }

    /// The first thing that `pick` finds in the faults that are on.
    pub(crate) fn find<T>(&self, pick: impl FnMut(Fault) -> Option<T>) -> Option<T> {
        self.active().into_iter().find_map(pick)
    }

    pub(crate) fn lacks_scope(&self, wanted: &str) -> bool {
        let is_it =
            |fault: Fault| matches!(fault, Fault::ScopeWithout { scope } if scope == wanted);
        self.active().into_iter().any(is_it)
    }

    pub(crate) fn clipboard_allowed(&self) -> bool {
        !self.active().contains(&Fault::Clipboard { allowed: false })
    }

    /// The effect on a refresh that has traded its token in.
    pub(crate) fn take_after_rotation(&self) -> Option<Effect> {
        let taken = self.take_counted(|fault| match fault {
            Fault::AfterRotation { times, .. } => Some(times),
            _ => None,
        });
        match taken {
            Some(Fault::AfterRotation { effect, .. }) => Some(effect),
            _ => None,
        }
    }

    pub(crate) fn take_mixed_up_pair(&self) -> bool {
        let taken = self.take_counted(|fault| match fault {
            Fault::MixedUpPair { times } => Some(times),
            _ => None,
        });
        taken.is_some()
    }

    fn take(&self, concerns: impl Fn(Option<&str>, &Effect) -> bool) -> Option<Effect> {
        let taken = self.take_counted(|fault| match fault {
            Fault::Answer {
                effect,
                method,
                times,
            } if concerns(method.as_deref(), effect) => Some(times),
            _ => None,
        });
        match taken {
            Some(Fault::Answer { effect, .. }) => Some(effect),
            _ => None,
        }
    }

    /// The first fault that has a counter here, counted down; it goes when that is used up.
    fn take_counted(
        &self,
        counter: impl Fn(&mut Fault) -> Option<&mut Option<u32>>,
    ) -> Option<Fault> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain_mut(|fault| counter(fault).is_none_or(|times| *times != Some(0)));
        let index = list.iter_mut().position(|fault| counter(fault).is_some())?;
        let taken = list[index].clone();
        if let Some(Some(left)) = counter(&mut list[index]) {
            *left -= 1;
            if *left == 0 {
                list.remove(index);
            }
        }
        Some(taken)
    }
}
