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
    let body = written_by(|pipe| {
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
    let body = written_by(move |pipe| {
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
    let failing = written_by(|pipe| {
        pipe.write_all(b"a part")?;
        pipe.flush()?;
        Err(ExportError::Write(io::ErrorKind::StorageFull.into()))
    });
    assert!(to_bytes(failing, usize::MAX).await.is_err());
    let panicking = written_by(|pipe| {
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
    let body = written_by(move |pipe| {
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
    let _body = body_within(Duration::from_millis(50), move |pipe| {
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
