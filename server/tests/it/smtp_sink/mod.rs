//! A mail server of our own, to which tests send: it keeps every letter, and can be out of temper.

mod letter;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub use letter::Letter;

/// How the server behaves from the next connection on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temper {
    /// Takes everything.
    Accepts,
    /// Takes no letter now: 451 to the recipient.
    Busy,
    /// Knows no recipient: 550.
    Refuses,
    /// Lets nobody log in: 535.
    RefusesUs,
    /// Greets and says nothing more.
    Hangs,
    /// Ends the connection in the middle of a letter.
    BreaksOff,
}

/// The server, for as long as the test has its handle.
pub struct SmtpSink {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    temper: Mutex<Temper>,
    letters: Mutex<Vec<Letter>>,
    /// Every line that clients have said, without the letters.
    said: Mutex<Vec<String>>,
    came: Notify,
}

impl SmtpSink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            temper: Mutex::new(Temper::Accepts),
            letters: Mutex::default(),
            said: Mutex::default(),
            came: Notify::new(),
        });
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let conversation = Conversation::new(stream, Arc::clone(&served));
                tokio::spawn(conversation.hold());
            }
        });
        Self { address, state }
    }

    /// The server's address for `CRMAP_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn be(&self, temper: Temper) {
        *self.state.temper.lock().unwrap() = temper;
    }

    /// Every letter so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.state.letters.lock().unwrap().clone()
    }

    /// What clients have said, without the letters.
    pub fn said(&self) -> Vec<String> {
        self.state.said.lock().unwrap().clone()
    }

    /// The first letter to `address`, which may still be on its way; it is taken out of the box.
    pub async fn letter_to(&self, address: &str) -> Letter {
        let coming = async {
            loop {
                let came = self.state.came.notified();
                if let Some(letter) = self.take(address) {
                    return letter;
                }
                came.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), coming).await;
        waited.unwrap_or_else(|_| panic!("no letter came to {address}"))
    }

    fn take(&self, address: &str) -> Option<Letter> {
        let mut letters = self.state.letters.lock().unwrap();
        let place = letters
            .iter()
            .position(|letter| letter.to.iter().any(|to| to == address))?;
        Some(letters.remove(place))
    }
}

/// One client.
struct Conversation {
    lines: BufReader<OwnedReadHalf>,
    out: OwnedWriteHalf,
    state: Arc<State>,
    temper: Temper,
    from: String,
    to: Vec<String>,
}

impl Conversation {
    fn new(stream: TcpStream, state: Arc<State>) -> Self {
        let (lines, out) = stream.into_split();
        let temper = *state.temper.lock().unwrap();
        Self {
            lines: BufReader::new(lines),
            out,
            state,
            temper,
            from: String::new(),
            to: Vec::new(),
        }
    }

    /// Until either side has had enough.
    async fn hold(mut self) -> Option<()> {
        self.say("220 sink ESMTP").await?;
        if self.temper == Temper::Hangs {
            std::future::pending::<()>().await;
        }
        loop {
            let line = self.line().await?;
            self.state.said.lock().unwrap().push(line.clone());
            self.answer(&line).await?;
        }
    }

    async fn answer(&mut self, line: &str) -> Option<()> {
        let word = line.split([' ', ':']).next().unwrap_or_default();
        match (word.to_ascii_uppercase().as_str(), self.temper) {
            ("EHLO", _) => {
                self.say("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")
                    .await
            }
            ("AUTH", Temper::RefusesUs) => self.say("535 5.7.8 who is that").await,
            ("AUTH", _) => self.say("235 welcome").await,
            ("MAIL", _) => {
                self.from = within_brackets(line);
                self.to.clear();
                self.say("250 go on").await
            }
            ("RCPT", temper) => self.recipient(within_brackets(line), temper).await,
            ("DATA", Temper::BreaksOff) => {
                self.say("354 go on").await?;
                let _half = self.line().await;
                None
            }
            ("DATA", _) => self.letter().await,
            ("QUIT", _) => {
                self.say("221 bye").await?;
                None
            }
            _ => self.say("250 as you like").await,
        }
    }

    /// As real servers do, a refusal names the address.
    async fn recipient(&mut self, address: String, temper: Temper) -> Option<()> {
        match temper {
            Temper::Busy => self.say(&format!("451 4.3.0 <{address}> not now")).await,
            Temper::Refuses => self.say(&format!("550 5.1.1 <{address}> unknown")).await,
            _ => {
                self.to.push(address);
                self.say("250 go on").await
            }
        }
    }

    async fn letter(&mut self) -> Option<()> {
        self.say("354 go on").await?;
        let mut raw = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                break;
            }
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push('\n');
        }
        let letter = Letter::new(self.from.clone(), self.to.clone(), raw);
        self.state.letters.lock().unwrap().push(letter);
        self.say("250 taken").await?;
        self.state.came.notify_waiters();
        Some(())
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).await.ok()?;
        let ended = line.strip_suffix("\r\n").map(str::to_owned);
        if read == 0 { None } else { ended }
    }

    async fn say(&mut self, line: &str) -> Option<()> {
        let line = format!("{line}\r\n");
        self.out.write_all(line.as_bytes()).await.ok()
    }
}

fn within_brackets(line: &str) -> String {
    let inside = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}
