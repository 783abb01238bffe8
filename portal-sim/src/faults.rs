//! Faults that a test or a person switches on: what goes wrong, where, and how often.
//!
//! The same values are the JSON of `POST /__control/faults`.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that goes wrong on one portal, or on the OAuth server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Every answer comes this much later.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// Answers are replaced. A method's error also hits that method inside a batch.
    Answer {
        /// What comes instead.
        effect: Effect,
        /// Only answers of this REST method (`batch` counts as one); all when absent.
        #[serde(default)]
        method: Option<String>,
        /// Only the next so many answers; all when absent.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A method fails inside a batch, and only there (§3.4).
    InsideBatch {
        /// The REST method.
        method: String,
        /// The code in `result_error`.
        error: String,
        /// The sentence in `result_error`.
        description: String,
    },
    /// A method's `result` is replaced, for instance by rows of a wrong type.
    ReplaceResult {
        /// The REST method.
        method: String,
        /// The new `result`.
        result: Value,
    },
    /// Every name and label is prefixed, or replaced, by a text that wants to do harm.
    HostileLabels {
        /// The text.
        #[serde(default = "hostile_text")]
        text: String,
        /// Replace the label instead of prefixing it.
        #[serde(default)]
        replace: bool,
    },
    /// All access tokens of the portal are expired at this moment (§2.4). Not lasting.
    TokensExpired,
    /// Callers lack one scope (§3.6 `insufficient_scope`).
    ScopeWithout {
        /// The missing scope.
        scope: String,
    },
    /// The OAuth server trades a refresh token in, and only then the answer goes wrong.
    AfterRotation {
        /// What comes instead of the new pair.
        effect: Effect,
        /// Only the next so many; all when absent.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The OAuth server trades a token in and answers with another portal's pair (REL-09).
    MixedUpPair {
        /// Only the next so many; all when absent.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The application's frame may write to the clipboard, or not.
    Clipboard {
        /// May it.
        allowed: bool,
    },
}

/// What comes instead of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// An error of the REST envelope (§3.6).
    Error {
        /// The HTTP status.
        status: u16,
        /// The code.
        error: String,
        /// The sentence.
        description: String,
    },
    /// An HTML page.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// A 302 to another address, as after a rename (§2.7).
    Redirect {
        /// The address.
        location: String,
    },
    /// The answer breaks off half-way, though the transport is in order.
    TruncatedJson,
    /// Status 200 and nothing.
    EmptyBody,
    /// An endless-looking JSON string.
    HugeBody {
        /// How long.
        bytes: usize,
    },
    /// No answer at all, the connection stays open.
    Hang,
    /// The connection is reset.
    Reset,
    /// The honest answer, later. A token is traded in after the delay too, unless the effect is one
    /// of [`Fault::AfterRotation`].
    Delay {
        /// Milliseconds.
        ms: u64,
    },
}

impl Effect {
    /// An error of the REST envelope.
    #[must_use]
    pub fn error(status: u16, error: &str, description: &str) -> Self {
        Self::Error {
            status,
            error: error.to_owned(),
            description: description.to_owned(),
        }
    }

    /// Does it keep the honest answer from being made at all?
    pub(crate) const fn replaces(&self) -> bool {
        !matches!(self, Self::TruncatedJson | Self::Delay { .. })
    }

    /// The rate limit is hit (§3.5).
    #[must_use]
    pub fn query_limit() -> Self {
        Self::error(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    }

    /// A method has used up its run time (§3.5).
    #[must_use]
    pub fn operation_time_limit() -> Self {
        let text = "Method is blocked due to operation time limit";
        Self::error(429, "OPERATION_TIME_LIMIT", text)
    }

    /// The portal was blocked by hand (§3.5).
    #[must_use]
    pub fn overload() -> Self {
        Self::error(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload")
    }

    /// The access token is too old (§3.6).
    #[must_use]
    pub fn expired_token() -> Self {
        Self::error(
            401,
            "expired_token",
            "The access token provided has expired",
        )
    }

    /// The portal has no plan with REST (§5).
    #[must_use]
    pub fn unpaid() -> Self {
        Self::error(
            403,
            "ACCESS_DENIED",
            "REST API is available only on commercial plans",
        )
    }

    /// The portal is gone (§3.6).
    #[must_use]
    pub fn portal_deleted() -> Self {
        Self::error(500, "PORTAL_DELETED", "Portal was deleted")
    }

    /// The administrator gives the application to other users only (§3.6).
    #[must_use]
    pub fn user_access() -> Self {
        let text = "The user does not have access to the application";
        Self::error(403, "user_access_error", text)
    }

    /// The user lacks rights (§3.6).
    #[must_use]
    pub fn invalid_credentials() -> Self {
        Self::error(403, "INVALID_CREDENTIALS", "Invalid request credentials")
    }

    /// The portal stumbles (§3.6).
    #[must_use]
    pub fn internal_error() -> Self {
        Self::error(500, "INTERNAL_SERVER_ERROR", "Internal server error")
    }
}

impl Fault {
    /// Every answer ends like this.
    #[must_use]
    pub fn every(effect: Effect) -> Self {
        Self::Answer {
            effect,
            method: None,
            times: None,
        }
    }

    /// The next `times` answers end like this.
    #[must_use]
    pub fn next(times: u32, effect: Effect) -> Self {
        Self::Answer {
            effect,
            method: None,
            times: Some(times),
        }
    }

    /// Every answer of one REST method ends like this.
    #[must_use]
    pub fn method(method: &str, effect: Effect) -> Self {
        Self::Answer {
            effect,
            method: Some(method.to_owned()),
            times: None,
        }
    }

    /// A method fails inside a batch, and only there.
    #[must_use]
    pub fn inside_batch(method: &str, error: &str, description: &str) -> Self {
        Self::InsideBatch {
            method: method.to_owned(),
            error: error.to_owned(),
            description: description.to_owned(),
        }
    }

    /// A method's `result` is replaced.
    #[must_use]
    pub fn replace_result(method: &str, result: Value) -> Self {
        Self::ReplaceResult {
            method: method.to_owned(),
            result,
        }
    }

    /// The next `times` refreshes trade the token in, and then end like this.
    #[must_use]
    pub const fn after_rotation(times: u32, effect: Effect) -> Self {
        Self::AfterRotation {
            effect,
            times: Some(times),
        }
    }

    /// Every label is prefixed by [`hostile_text`].
    #[must_use]
    pub fn hostile_labels() -> Self {
        Self::HostileLabels {
            text: hostile_text(),
            replace: false,
        }
    }
}

/// A label that tries markup, line ends, control signs and reversed writing.
#[must_use]
pub fn hostile_text() -> String {
    "<script>alert(1)</script>\"'&amp;\r\n\t= 1+1\u{0}\u{202e}\u{2066}\u{200b}".to_owned()
}

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
