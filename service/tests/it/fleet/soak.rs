//! REL-32: a process that reads for months keeps its size. `CRMAP_SOAK=100000` makes as many
//! readings, and prints how memory and open files grow.

use std::time::Instant;

use super::{fleet, quick};
use crate::support::Stand;

/// In the ordinary run, which says little of memory.
const READINGS: usize = 300;
const PORTALS: u8 = 10;
/// Samples after the process has warmed up.
const SAMPLES: usize = 20;
/// A day is a hundred thousand readings: many more than any process makes.
const IN_AN_HOUR: f64 = 100_000.0 / 24.0;

/// Pages of this process in memory, as megabytes.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096.0 / 1_048_576.0
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// The slope of the line that fits best, of values that are one step apart.
fn slope(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let (middle, mean) = ((count - 1.0) / 2.0, values.iter().sum::<f64>() / count);
    let places = (0..values.len()).map(|place| place as f64 - middle);
    let (up, along) = places
        .zip(values)
        .fold((0.0, 0.0), |(up, along), (place, value)| {
            (up + place * (value - mean), along + place * place)
        });
    up / along
}

#[tokio::test]
async fn rel_32_readings_by_the_thousand_leave_memory_and_files_as_they_were() {
    let asked = std::env::var("CRMAP_SOAK").ok();
    let asked: Option<usize> = asked.map(|count| count.parse().unwrap());
    let readings = asked.unwrap_or(READINGS);
    let stand = Stand::with(quick()).await;
    let (_owner, _portals) = fleet(&stand, PORTALS).await;
    let (began, mut done, mut files, mut sizes) = (Instant::now(), 0, Vec::new(), Vec::new());
    // The first quarter fills caches and pools.
    for sample in 0..=SAMPLES {
        let until = readings / 4 + readings * 3 / 4 * sample / SAMPLES;
        while done < until {
            stand.clock.pass(time::Duration::hours(27));
            done += stand.services.read_due().await.unwrap();
            stand.work().await;
            stand.world.forget();
        }
        sizes.push(resident());
        files.push(open_files());
    }
    let step = readings as f64 * 0.75 / SAMPLES as f64;
    let an_hour = slope(&sizes) / step * IN_AN_HOUR / sizes[0] * 100.0;
    println!(
        "{done} readings in {:?}: {:.1} to {:.1} MiB, {an_hour:.4} % an hour; {} to {} files",
        began.elapsed(),
        sizes[0],
        sizes[SAMPLES],
        files[0],
        files[SAMPLES]
    );
    assert_eq!(files.iter().min(), files.iter().max(), "files stay open");
    if asked.is_some() {
        assert!(an_hour < 1.0, "{an_hour} % an hour: {sizes:?}");
    }
}
