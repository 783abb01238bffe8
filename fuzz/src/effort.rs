//! How much is tried.

use std::time::Duration;

/// How many inputs are tried, and which.
///
/// * `CRMAP_FUZZ_INPUTS` — how many for each target; 2,000 by themselves.
/// * `CRMAP_FUZZ_SECONDS` — for how long at the least, instead of a number.
/// * `CRMAP_FUZZ_SEED` — where chance begins: the same seed tries the same inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// How many inputs.
    pub inputs: u64,
    /// For how long at the least.
    pub lasting: Duration,
    /// Where chance begins.
    pub seed: u64,
}

const USUAL_INPUTS: u64 = 2_000;

impl Effort {
    /// What the environment says.
    ///
    /// # Panics
    /// Where it says something that is no number: whoever sets it wants it to count.
    #[must_use]
    pub fn of_environment() -> Self {
        let seconds = number("CRMAP_FUZZ_SECONDS");
        let usual = if seconds.is_some() { 0 } else { USUAL_INPUTS };
        Self {
            inputs: number("CRMAP_FUZZ_INPUTS").unwrap_or(usual),
            lasting: Duration::from_secs(seconds.unwrap_or(0)),
            seed: number("CRMAP_FUZZ_SEED").unwrap_or(0),
        }
    }

    /// Whether to go on after so many inputs and so much time.
    #[must_use]
    pub fn wants_more(&self, inputs: u64, elapsed: Duration) -> bool {
        inputs < self.inputs || elapsed < self.lasting
    }
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let parsed = text.parse();
    Some(parsed.unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}
