use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use axum::body::to_bytes;
use futures::StreamExt as _;

use super::*;

/// More than waits for a browser at once.
const LARGE: usize = 4 * 1024 * 1024;

#[tokio::test]
async fn everything_comes_through_in_its_order() {
    let body = written_by(None, |pipe| {
        for number in 0..LARGE / 4 {
            pipe.write_all(&u32::try_from(number).unwrap().to_be_bytes())?;
        }
        Ok(())
    });
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    assert_eq!(bytes.len(), LARGE);
    for (number, bytes) in bytes.chunks(4).enumerate() {
        assert_eq!(bytes, u32::try_from(number).unwrap().to_be_bytes());
    }
}

#[tokio::test]
async fn what_is_flushed_comes_at_once_however_small() {
    let (go_on, waits) = channel();
    let body = written_by(None, move |pipe| {
        pipe.write_all(b"first")?;
        pipe.flush()?;
        waits.recv().unwrap();
        Ok(pipe.write_all(b"last")?)
    });
    let mut pieces = body.into_data_stream();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "first");
    go_on.send(()).unwrap();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "last");
    assert!(pieces.next().await.is_none());
}

#[tokio::test]
async fn what_fails_is_cut_off_and_not_taken_for_the_whole() {
    let failing = written_by(None, |pipe| {
        pipe.write_all(b"a part")?;
        pipe.flush()?;
        Err(ExportError::Write(io::ErrorKind::StorageFull.into()))
    });
    assert!(to_bytes(failing, usize::MAX).await.is_err());
    let panicking = written_by(None, |pipe| {
        pipe.write_all(b"a part")?;
        pipe.flush()?;
        panic!("inside a writer")
    });
    assert!(to_bytes(panicking, usize::MAX).await.is_err());
}

#[tokio::test]
async fn sec_57_a_writer_is_never_far_ahead_of_its_browser_and_ends_with_it() {
    let written = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&written);
    let (ended, end) = channel();
    let body = written_by(None, move |pipe| {
        let result = (|| {
            for _ in 0..LARGE / 1024 {
                pipe.write_all(&[0; 1024])?;
                counter.fetch_add(1024, Ordering::SeqCst);
            }
            Ok(())
        })();
        ended
            .send(matches!(result, Err(ExportError::Write(_))))
            .unwrap();
        result
    });
    let mut pieces = body.into_data_stream();
    pieces.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let ahead = written.load(Ordering::SeqCst);
    assert!(ahead <= 5 * PIECE, "{ahead}");
    drop(pieces);
    assert!(
        tokio::task::spawn_blocking(move || end.recv().unwrap())
            .await
            .unwrap()
    );
    assert!(written.load(Ordering::SeqCst) < LARGE / 2);
}

#[tokio::test]
async fn whoever_takes_nothing_is_not_waited_for_without_end() {
    let (ended, end) = channel();
    let times = Times {
        patience: Duration::from_millis(50),
        ..TIMES
    };
    let _body = body_within(times, None, move |pipe| {
        let result = (|| {
            loop {
                pipe.write_all(&[0; PIECE])?;
            }
        })();
        ended.send(()).unwrap();
        result
    });
    tokio::task::spawn_blocking(move || end.recv().unwrap())
        .await
        .unwrap();
}

/// How a body ends that goes on as long as it may: with how much, and whether as a whole.
async fn endless(times: Times, still_may: Option<StillMay>) -> bool {
    let body = body_within(times, still_may, |pipe| {
        loop {
            pipe.write_all(&[0; PIECE])?;
        }
    });
    let mut pieces = body.into_data_stream();
    loop {
        match pieces.next().await {
            Some(Ok(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
            Some(Err(_)) => return false,
            None => return true,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_24_what_may_go_out_no_more_is_cut_off() {
    let asked = Arc::new(AtomicUsize::new(0));
    let asks = Arc::clone(&asked);
    let still_may: StillMay = Box::new(move || {
        let may = asks.fetch_add(1, Ordering::SeqCst) < 3;
        Box::pin(async move { may })
    });
    let times = Times {
        asking: Duration::from_millis(5),
        ..TIMES
    };
    assert!(
        !endless(times, Some(still_may)).await,
        "it is no whole file"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_does_not_go_out_for_ever() {
    let times = Times {
        longest: Duration::from_millis(50),
        ..TIMES
    };
    assert!(!endless(times, None).await, "it is no whole file");
}
