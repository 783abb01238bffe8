//! Time, processor time and memory of this process.

use std::fs;
use std::time::Instant;

/// The kernel counts processor time in hundredths of a second.
const MS_PER_TICK: f64 = 10.0;

pub struct Meter {
    started: Instant,
    cpu_ms: f64,
}

impl Meter {
    /// From now on; the peak of memory is that from now on, too.
    pub fn start() -> Self {
        // Where the kernel does not allow it, the peak is that of the whole process.
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self {
            started: Instant::now(),
            cpu_ms: cpu_ms(),
        }
    }

    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    pub fn cpu_ms(&self) -> f64 {
        cpu_ms() - self.cpu_ms
    }

    /// The most memory that was in use.
    pub fn peak_mb() -> f64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kilobytes: f64 = line
            .and_then(|line| line.split_whitespace().nth(1))
            .and_then(|number| number.parse().ok())
            .unwrap();
        kilobytes / 1_000.0
    }
}

/// User and system time, all threads.
fn cpu_ms() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is a name that may have spaces in it.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: f64 = fields[11..=12]
        .iter()
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum();
    ticks * MS_PER_TICK
}
