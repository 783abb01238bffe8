//! What the process tells the test: one line of JSON for each thing.

use std::io::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The database is open; what was asked for begins.
    Ready,
    /// The protocol has come to a point, where it stays for ever: `P3`.
    Reached(String),
    /// The database has taken a pair; the [`fingerprint`] of its access token.
    Stored(String),
    /// A portal was asked how it stands, and this is its state.
    Outcome {
        /// The state's lasting name.
        state: String,
        /// The code that came with it.
        reason: String,
    },
    /// All tasks of a round are done.
    Counts {
        /// How many found the portal to be well.
        ok: usize,
        /// How many found it otherwise.
        otherwise: usize,
        /// How many did not come to an end.
        failed: usize,
    },
    /// An event was received, and this became of it: `taken`.
    Received(String),
    /// Somebody opened the application: `page`, `installer`, `not_finished`.
    Opened(String),
    /// Nothing is in doubt any more.
    Calm,
    /// Something did not work; the reason without secrets.
    Failed(String),
}

impl Said {
    /// Prints the line at once. Without anybody to hear it the process is of no use and ends.
    pub fn say(&self) {
        let said = serde_json::to_string(self).map_err(std::io::Error::other);
        let mut out = std::io::stdout().lock();
        let printed = said.and_then(|line| writeln!(out, "{line}").and_then(|()| out.flush()));
        if printed.is_err() {
            std::process::exit(1);
        }
    }
}

/// By what name tokens are spoken of: the first 16 hexadecimal digits of their SHA-256, as in the
/// simulated cloud's ledger.
#[must_use]
pub fn fingerprint(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
