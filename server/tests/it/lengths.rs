//! Requests that say of themselves in two ways how long they are. Where a proxy believes the one and
//! we the other, a second request could hide in the first.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::door::{MANNERS, door, rest};

/// What would be heard if it were taken for a request.
const HIDDEN: &str = "GET /fast HTTP/1.1\r\nhost: door\r\n\r\n";

/// All that is answered to a request with these headers, with another one in what may be its body.
async fn told(lengths: &str, before: &str) -> String {
    let door = door(MANNERS, Duration::ZERO).await;
    let mut stream = door.connect().await;
    let asked = format!("GET /fast HTTP/1.1\r\nhost: door\r\n{lengths}\r\n\r\n{before}{HIDDEN}");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let told = timeout(Duration::from_secs(5), rest(&mut stream)).await;
    told.unwrap()
}

#[tokio::test]
async fn a_request_with_two_lengths_is_refused() {
    let length = HIDDEN.len();
    for lengths in [
        format!("content-length: {length}\r\ncontent-length: 0"),
        format!("content-length: {length}, 0"),
        "content-length: +0".to_owned(),
        "content-length: -1".to_owned(),
        "transfer-encoding: chunked, identity".to_owned(),
        "transfer-encoding: identity".to_owned(),
    ] {
        let told = told(&lengths, "").await;
        assert!(told.starts_with("HTTP/1.1 400"), "{lengths}: {told}");
        assert_eq!(told.matches("HTTP/1.1").count(), 1, "{lengths}: {told}");
    }
}

/// The pieces count, as RFC 9112 has it (§6.3).
#[tokio::test]
async fn of_a_length_and_pieces_the_pieces_count() {
    let lengths = format!(
        "content-length: {}\r\ntransfer-encoding: chunked",
        HIDDEN.len() + 5
    );
    let told = told(&lengths, "0\r\n\r\n").await;
    assert_ne!(told.matches("HTTP/1.1 200").count(), 0, "{told}");
}
