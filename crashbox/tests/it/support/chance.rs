//! Random choices that can be made again: the seed is printed, and taken from the environment.

use std::fmt::Display;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// A small generator of numbers; the same seed gives the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Chance(u64);

impl Chance {
    /// From `CRASHBOX_SEED`, or a new one each time. Prints it.
    pub fn new(test: &str) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a new seed each time is what is wanted"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = number_from("CRASHBOX_SEED", now.as_nanos() as u64);
        eprintln!("{test}: CRASHBOX_SEED={seed}");
        Self(seed)
    }

    /// Another one for the `number`th part of the work, whatever order the parts are done in.
    pub const fn part(self, number: u64) -> Self {
        Self(mixed(self.0 ^ mixed(number)))
    }

    /// A number below `end`.
    pub const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0) % end
    }

    /// One of two.
    pub const fn either(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// The output function of the generator `SplitMix64`.
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// A number of the environment, so that longer runs need no other tests.
pub fn number_from<T: FromStr<Err: Display>>(name: &str, usual: T) -> T {
    match std::env::var(name) {
        Ok(text) => match text.parse() {
            Ok(number) => number,
            Err(error) => panic!("{name} is not a number: {error}"),
        },
        Err(_unset) => usual,
    }
}
