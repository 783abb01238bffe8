//! Parts of the work that go on by themselves: a panic in one of them ends neither the others nor its
//! own next turn (REL-12), and none keeps the process from stopping (REL-26).

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use crmap_store::StoreError;
use futures::FutureExt as _;
use tokio::sync::watch;

/// Does a part of the work; a panic is a failure. What was being changed is a transaction of the
/// database, which ends with it.
pub(crate) async fn contained<T>(
    part: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_told_by_the_hook| {
        tracing::error!(part, "a part of the worker's work ended by a panic");
        Err(StoreError::Internal(
            "a part of the work ended by a panic".into(),
        ))
    })
}

/// What comes of some work; nothing where the process is told to stop and the work does not come to
/// its end within `grace`.
pub(crate) async fn unless_stopped<T>(
    stop: &watch::Receiver<bool>,
    grace: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut stop = stop.clone();
    let late = async {
        // Whoever could tell it to stop may be gone, and the process with it.
        let _ = stop.wait_for(|told| *told).await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = late => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rel_12_a_panic_is_a_failure_of_its_part_alone() {
        let broken = contained::<()>("test", async { panic!("broken") }).await;
        assert!(matches!(broken, Err(StoreError::Internal(_))));
        assert_eq!(contained("test", async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn rel_26_work_has_a_short_while_left_when_the_process_stops() {
        let (tell, stop) = watch::channel(false);
        let grace = Duration::from_secs(1);
        let of = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
        assert!(unless_stopped(&stop, grace, of(60)).await.is_some());
        tell.send_replace(true);
        assert!(unless_stopped(&stop, grace, of(0)).await.is_some());
        let began = tokio::time::Instant::now();
        assert!(unless_stopped(&stop, grace, of(60)).await.is_none());
        assert_eq!(began.elapsed(), grace);
    }
}
