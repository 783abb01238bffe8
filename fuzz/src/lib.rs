//! Hostile input for parsers, in ordinary tests: what is in a corpus is bent in every way that is
//! known to break parsers, and whatever makes the parser say something new is bent further. It knows
//! no parser. How much is tried is for the environment to say ([`Effort`]).
//!
//! There are libraries that do this with the coverage of the code as their guide; those that work
//! with a stable compiler pin the versions of crates that what we ship needs as well, or replace the
//! runner of tests. Here the outcome is the guide: what a parser says, or a digest of what it made.
#![warn(missing_docs)]

mod bend;
mod effort;

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use bend::Bender;
pub use effort::Effort;

/// No input that is as long as ours may keep a parser busy for longer.
const LONGEST_PARSE: Duration = Duration::from_secs(10);
/// How many inputs that said something new are remembered.
const MOST_REMEMBERED: usize = 4_096;

/// Something that reads what comes from outside.
#[derive(Debug, Clone)]
pub struct Target {
    name: &'static str,
    corpus: PathBuf,
    words: Vec<&'static str>,
    longest: usize,
    costs: u64,
}

/// What came of trying, for whoever wants to know how far it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// How many inputs the parser has read.
    pub inputs: u64,
    /// How many different things it said of them.
    pub outcomes: usize,
}

impl Target {
    /// The target `name` of a crate: its corpus is the folder `corpus/NAME` of the crate, whose
    /// manifest is in `crate_folder`.
    #[must_use]
    pub fn new(crate_folder: &str, name: &'static str) -> Self {
        Self {
            name,
            corpus: Path::new(crate_folder).join("corpus").join(name),
            words: Vec::new(),
            longest: 8 * 1024,
            costs: 1,
        }
    }

    /// Words that the parser knows: names of fields, codes.
    #[must_use]
    pub fn knowing(mut self, words: &[&'static str]) -> Self {
        self.words.extend(words);
        self
    }

    /// Inputs of up to so many bytes.
    #[must_use]
    pub const fn up_to(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    /// Of a parser that takes so many times as long as others, so many times fewer inputs are enough.
    #[must_use]
    pub const fn costing(mut self, times: u64) -> Self {
        self.costs = times;
        self
    }

    /// Has `parse` read the corpus, and then as many bent inputs as the environment wants. What it
    /// gives back guides the way: inputs with an outcome that was not seen before are bent further.
    ///
    /// # Panics
    /// Where `parse` does, or takes far too long, having said with which input; and where the corpus
    /// is empty.
    pub fn run<O: Hash>(self, parse: impl Fn(&[u8]) -> O) -> Tried {
        self.run_with(Effort::of_environment(), parse)
    }

    /// As [`Self::run`], with an effort of one's own.
    ///
    /// # Panics
    /// As [`Self::run`].
    pub fn run_with<O: Hash>(self, effort: Effort, parse: impl Fn(&[u8]) -> O) -> Tried {
        let mut pool = self.read_corpus();
        let known = pool.len();
        let mut seen = HashSet::new();
        for input in &pool {
            seen.insert(self.outcome(input, 0, &parse));
        }
        let bender = Bender {
            words: &self.words,
            longest: self.longest,
        };
        let started = Instant::now();
        let mut number = 0;
        while effort.wants_more(number * self.costs, started.elapsed()) {
            number += 1;
            let mut dice = StdRng::seed_from_u64(effort.seed.wrapping_add(number));
            let input = bender.bend(&pool, &mut dice);
            if seen.insert(self.outcome(&input, number, &parse)) {
                // What was given stays; what was found makes room for what is found later.
                if pool.len() < MOST_REMEMBERED {
                    pool.push(input);
                } else {
                    let place = dice.random_range(known..MOST_REMEMBERED);
                    pool[place] = input;
                }
            }
        }
        let tried = Tried {
            inputs: number + known as u64,
            outcomes: seen.len(),
        };
        let seconds = started.elapsed().as_secs_f64();
        eprintln!(
            "{}: {} inputs in {seconds:.1} s, {} outcomes, seed {}",
            self.name, tried.inputs, tried.outcomes, effort.seed
        );
        tried
    }

    fn read_corpus(&self) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(&self.corpus)
            .unwrap_or_else(|error| panic!("{}: {error}", self.corpus.display()));
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let read = |path: &PathBuf| fs::read(path).ok();
        let corpus: Vec<_> = files.iter().filter_map(read).collect();
        assert!(!corpus.is_empty(), "{} is empty", self.corpus.display());
        corpus
    }

    /// The digest of what the parser says of one input.
    fn outcome<O: Hash>(&self, input: &[u8], number: u64, parse: impl Fn(&[u8]) -> O) -> u64 {
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| parse(input))).unwrap_or_else(|panic| {
            self.tell(input, number);
            resume_unwind(panic)
        });
        if started.elapsed() > LONGEST_PARSE {
            self.tell(input, number);
            panic!("{} took {:?}", self.name, started.elapsed());
        }
        let mut hasher = DefaultHasher::new();
        outcome.hash(&mut hasher);
        hasher.finish()
    }

    /// Keeps the input that broke the parser where the corpus is, and shows it.
    fn tell(&self, input: &[u8], number: u64) {
        let kept = self.corpus.join(format!("found-{number}"));
        let shown = input.escape_ascii().to_string();
        let cut: String = shown.chars().take(2_000).collect();
        eprintln!("{}, input {number}: {cut}", self.name);
        match fs::write(&kept, input) {
            Ok(()) => eprintln!("kept as {}", kept.display()),
            Err(error) => eprintln!("not kept: {error}"),
        }
    }
}
