//! Requests at a rate that does not wait for answers, as visitors do not wait for each other.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::figures::Sample;
use crate::http::{Asked, Wire};

/// A request with what it is called and which answers are good.
pub struct Task {
    pub kind: &'static str,
    pub asked: Asked,
    pub good: fn(u16) -> bool,
}

/// Any page or answer that is what was asked for.
pub const fn found(status: u16) -> bool {
    status == 200
}

/// Sends what `make` makes, so many a second, for so long.
pub async fn at_rate(
    wire: &Arc<Wire>,
    rate: u32,
    time: Duration,
    mut make: impl FnMut(usize) -> Task,
) -> Vec<Sample> {
    let mut asking = JoinSet::new();
    let began = Instant::now();
    let count = (f64::from(rate) * time.as_secs_f64()) as usize;
    for number in 0..count {
        let due = began + Duration::from_secs_f64(number as f64 / f64::from(rate));
        sleep_until(due).await;
        asking.spawn(sample(Arc::clone(wire), make(number), due));
    }
    asking.join_all().await
}

/// Sends what `make` makes, so many at a time, for so long.
pub async fn at_once(
    wire: &Arc<Wire>,
    many: usize,
    time: Duration,
    pause: Duration,
    make: impl Fn(usize) -> Task + Send + Sync + 'static,
) -> Vec<Sample> {
    let make = Arc::new(make);
    let end = Instant::now() + time;
    let mut asking = JoinSet::new();
    for first in 0..many {
        let (wire, make) = (Arc::clone(wire), Arc::clone(&make));
        asking.spawn(async move {
            let mut samples = Vec::new();
            let mut number = first;
            while Instant::now() < end {
                let task = make(number);
                samples.push(sample(Arc::clone(&wire), task, Instant::now()).await);
                number += many;
                sleep(pause).await;
            }
            samples
        });
    }
    asking.join_all().await.into_iter().flatten().collect()
}

async fn sample(wire: Arc<Wire>, task: Task, due: Instant) -> Sample {
    let answer = wire.ask(&task.asked).await;
    let status = answer.as_ref().map_or(0, |answer| answer.status);
    let failure = match answer {
        Ok(_) if (task.good)(status) => None,
        Ok(_) => Some(format!("{} {status}", task.kind)),
        Err(error) => Some(format!("{} {error}", task.kind)),
    };
    Sample {
        kind: task.kind,
        status,
        took: due.elapsed(),
        failure,
    }
}
