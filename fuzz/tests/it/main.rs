//! That what is to be found is found, and that the same seed finds the same.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on may stop at once"
)]

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::Duration;

use crmap_fuzz::{Effort, Target};

const HERE: &str = env!("CARGO_TARGET_TMPDIR");

fn effort(inputs: u64) -> Effort {
    Effort {
        inputs,
        lasting: Duration::ZERO,
        seed: 7,
    }
}

/// A target with one input in its corpus.
fn target(name: &'static str, input: &str, longest: usize) -> (Target, PathBuf) {
    let folder = PathBuf::from(HERE).join("corpus").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("one"), input).unwrap();
    (Target::new(HERE, name).up_to(longest), folder)
}

/// The keys of the doors.
const KEYS: [&str; 4] = ["one", "two", "three", "four"];

/// How far a parser gets that goes through a door for each key, and falls behind the last.
fn doors(input: &[u8]) -> usize {
    let mut rest = input;
    let mut open = 0;
    while let Some(after) = KEYS
        .get(open)
        .and_then(|key| rest.strip_prefix(key.as_bytes()))
    {
        rest = after;
        open += 1;
    }
    assert!(open < KEYS.len(), "behind the last door");
    open
}

#[test]
fn catches_a_parser_that_falls_over_and_keeps_what_did_it() {
    let (target, folder) = target("doors", "a", 200);
    let found = catch_unwind(|| target.knowing(&KEYS).run_with(effort(60_000), doors));
    assert!(found.is_err());
    let kept = std::fs::read_dir(folder).unwrap().flatten();
    let kept = kept.filter(|file| file.file_name().to_string_lossy().starts_with("found-"));
    let inputs: Vec<_> = kept
        .map(|file| std::fs::read(file.path()).unwrap())
        .collect();
    assert_eq!(inputs.len(), 1);
    assert!(inputs[0].starts_with(b"onetwothreefour"));
}

/// The guide is what leads through the doors: without it, the same effort finds nothing.
#[test]
fn what_says_something_new_is_bent_further() {
    let (target, _) = target("unguided", "a", 200);
    let found = catch_unwind(|| {
        target.knowing(&KEYS).run_with(effort(60_000), |input| {
            doors(input);
        })
    });
    assert!(found.is_ok());
}

#[test]
fn catches_a_length_that_nobody_thought_of() {
    let (target, _) = target("long", "name=value", 8_192);
    let found = catch_unwind(|| {
        target.run_with(effort(5_000), |input| {
            let longest = input.split(|byte| *byte == b'=').map(<[u8]>::len).max();
            assert!(longest < Some(4_097));
        })
    });
    assert!(found.is_err());
}

#[test]
fn the_same_seed_tries_the_same() {
    let outcomes = || {
        let (target, _) = target("same", "a=1&b=[2]", 200);
        target.run_with(effort(2_000), <[u8]>::to_vec)
    };
    assert_eq!(outcomes(), outcomes());
    assert!(outcomes().outcomes > 1_000);
}
