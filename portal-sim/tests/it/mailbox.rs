//! A handler of events for tests: takes what is posted, and answers as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Pairs of a form, in their order.
pub(crate) type Form = Vec<(String, String)>;

pub(crate) struct Mailbox {
    pub(crate) url: String,
    letters: Arc<Mutex<Vec<Form>>>,
}

impl Mailbox {
    pub(crate) async fn open() -> Self {
        Self::answering(200).await
    }

    pub(crate) async fn answering(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events?a=1", listener.local_addr().unwrap());
        let letters = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&letters);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let form = take(stream, status).await;
                sink.lock().unwrap().push(form);
            }
        });
        Self { url, letters }
    }

    pub(crate) fn letters(&self) -> Vec<Form> {
        self.letters.lock().unwrap().clone()
    }

    /// Waits for so many letters.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Form> {
        for _ in 0..1000 {
            let letters = self.letters();
            if letters.len() >= count {
                return letters;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} letters instead of {count}", self.letters().len());
    }
}

pub(crate) fn value<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    let found = form.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

async fn take(mut stream: TcpStream, status: u16) -> Form {
    let mut request = Vec::new();
    let (head, length) = loop {
        stream.read_buf(&mut request).await.unwrap();
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "));
            break (head.to_owned(), length.unwrap().parse::<usize>().unwrap());
        }
    };
    let start = head.len() + 4;
    while request.len() < start + length {
        stream.read_buf(&mut request).await.unwrap();
    }
    assert!(head.starts_with("POST /events?a=1 HTTP/1.1"), "{head}");
    assert!(head.contains("application/x-www-form-urlencoded"), "{head}");
    let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    form_urlencoded::parse(&request[start..])
        .into_owned()
        .collect()
}
