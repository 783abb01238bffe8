//! What is measured, and how it is printed.

use std::collections::BTreeMap;
use std::time::Duration;

/// How one request went.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What was asked for.
    pub kind: &'static str,
    /// The answer's status; 0 where there was none.
    pub status: u16,
    /// From when it was due to the last byte of the answer.
    pub took: Duration,
    /// What was wrong with it.
    pub failure: Option<String>,
}

/// Prints one figure.
pub fn figure(scene: &str, name: &str, value: impl std::fmt::Display) {
    println!("{scene}.{name} {value}");
}

/// The n-th of a hundred, in milliseconds.
pub fn percentile(samples: &[Sample], of_100: f64) -> f64 {
    let mut times: Vec<Duration> = samples.iter().map(|sample| sample.took).collect();
    times.sort_unstable();
    let place = (times.len() as f64 * of_100 / 100.0).ceil() as usize;
    let time = times.get(place.saturating_sub(1)).copied();
    time.unwrap_or_default().as_secs_f64() * 1_000.0
}

/// Prints how requests went, all and by kind, and the commonest failures; gives how many failed.
pub fn report(scene: &str, samples: &[Sample]) -> usize {
    line(scene, "all", samples);
    let mut kinds: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    let mut failures: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in samples {
        kinds.entry(sample.kind).or_default().push(sample.clone());
        if let Some(failure) = &sample.failure {
            *failures.entry(failure).or_default() += 1;
        }
    }
    for (kind, samples) in &kinds {
        line(scene, kind, samples);
    }
    for (failure, count) in &failures {
        println!("{scene}.failure {count} × {failure}");
    }
    failures.values().sum()
}

fn line(scene: &str, kind: &str, samples: &[Sample]) {
    let failed = samples.iter().filter(|sample| sample.failure.is_some());
    println!(
        "{scene}.{kind} requests {} p50 {:.1} p95 {:.1} p99 {:.1} max {:.1} ms failed {}",
        samples.len(),
        percentile(samples, 50.0),
        percentile(samples, 95.0),
        percentile(samples, 99.0),
        percentile(samples, 100.0),
        failed.count(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_times_the_99th_is_longer_than_98() {
        let sample = |ms| Sample {
            kind: "",
            status: 200,
            took: Duration::from_millis(ms),
            failure: None,
        };
        let samples: Vec<_> = (1..=100).rev().map(sample).collect();
        assert_eq!(
            [50.0, 99.0, 100.0].map(|of| percentile(&samples, of)),
            [50.0, 99.0, 100.0]
        );
        assert_eq!(percentile(&[], 99.0), 0.0);
    }
}
