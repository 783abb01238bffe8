//! Faults that a test or a person switches on: what goes wrong, where, and how often.
//!
//! The same values are the JSON of `POST /__control/faults`.

mod effect;
mod switchboard;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lies::Lie;
use crate::tls::TlsFlaw;

pub use effect::Effect;
pub(crate) use switchboard::Faults;

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
    /// Results lie about types and ids (F16).
    Lies {
        /// How.
        lie: Lie,
    },
    /// The first label of every result is that long (F16).
    HugeLabel {
        /// How long.
        bytes: usize,
    },
    /// Lists never end: each page is the first, and there is always a `next` (F12).
    EndlessNext,
    /// Lists give a wrong `total` (F17).
    LyingTotal {
        /// What they say.
        total: usize,
    },
    /// Rows vanish between two pages, so that every page but the first begins so many rows later;
    /// earlier when negative, as when rows are added (F17).
    ShiftingPages {
        /// How many rows.
        by: i64,
    },
    /// Reading methods answer with the data of another portal (F19).
    ForeignData {
        /// Its number.
        portal: usize,
    },
    /// The portal's clock is wrong (F18).
    ServerTime {
        /// Seconds that it is ahead; behind when negative.
        ahead: i64,
    },
    /// Answers have no `time` (F18).
    NoTime,
    /// Something is wrong with the portal's TLS; only where https is served (F13).
    Tls {
        /// What.
        flaw: TlsFlaw,
    },
    /// The application's frame may write to the clipboard, or not.
    Clipboard {
        /// May it.
        allowed: bool,
    },
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
