//! A bare HTTP server that answers with whatever bytes a test wants and counts what reaches it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// What a request said.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    pub body: String,
}

/// What comes back: pieces of bytes, each after a wait; `None` hangs for ever.
pub type Reply = Vec<(Duration, Option<Vec<u8>>)>;

pub struct Stub {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (count, seen) = (Arc::clone(&connections), Arc::clone(&requests));
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                tokio::spawn(async move {
                    let _ = serve(stream, &seen, &*answer).await;
                });
            }
        });
        Self {
            address,
            connections,
            requests,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&Request) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let head = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap());
    while bytes.len() < head + length {
        stream.read_buf(&mut bytes).await?;
    }
    let request = Request {
        path: text.split(' ').nth(1).unwrap().to_owned(),
        body: String::from_utf8_lossy(&bytes[head..]).into_owned(),
    };
    seen.lock().unwrap().push(request.clone());
    for (wait, piece) in answer(&request) {
        sleep(wait).await;
        match piece {
            Some(piece) => stream.write_all(&piece).await?,
            None => std::future::pending::<()>().await,
        }
    }
    stream.shutdown().await
}

pub fn at_once(bytes: Vec<u8>) -> Reply {
    vec![(Duration::ZERO, Some(bytes))]
}

pub fn hang() -> Reply {
    vec![(Duration::ZERO, None)]
}

pub fn http(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub fn json_reply(status: u16, body: &Value) -> Reply {
    let headers = "Content-Type: application/json\r\n";
    at_once(http(status, headers, body.to_string().as_bytes()))
}

/// The commands of a batch by their keys: method and query.
pub fn commands(request: &Request) -> Vec<(String, String, String)> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let Some(commands) = body["cmd"].as_object() else {
        return Vec::new();
    };
    let command = |(key, line): (&String, &Value)| {
        let line = line.as_str().unwrap();
        let (method, query) = line.split_once('?').unwrap_or((line, ""));
        (key.clone(), method.to_owned(), query.to_owned())
    };
    commands.iter().map(command).collect()
}

/// What one command of a batch comes to.
#[derive(Debug, Clone)]
pub enum Told {
    Result(Value),
    List {
        rows: Value,
        total: u64,
        next: Option<u64>,
    },
    Error(Value),
    Nothing,
}

/// The answer of a small but whole portal to one method, for stubs that only twist a few of them.
pub fn plain(method: &str) -> Told {
    Told::Result(match method {
        "profile" => json!({"ID": "1", "ADMIN": true, "NAME": "Анна", "LAST_NAME": "Титова"}),
        "app.info" => json!({"LICENSE": "ru_basic"}),
        "crm.settings.mode.get" => json!(1),
        "crm.category.list" => json!({"categories": [
            {"id": 0, "name": "Общая", "sort": 10, "entityTypeId": 2, "isDefault": "Y"}]}),
        "crm.status.list" => json!([{"ID": "1", "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "NEW",
            "NAME": "Новая", "SORT": "10", "SYSTEM": "Y", "SEMANTICS": null}]),
        "user.get" => json!([{"ID": "1", "ACTIVE": true, "NAME": "Анна", "UF_DEPARTMENT": [1]}]),
        "department.get" => json!([{"ID": "1", "NAME": "Компания"}]),
        _ => json!([]),
    })
}

/// The answer to a whole batch.
pub fn batch(request: &Request, mut told: impl FnMut(&str, &str) -> Told) -> Value {
    batch_with_times(request, |method, query| (told(method, query), None))
}

/// The same, with the `time` of commands.
pub fn batch_with_times(
    request: &Request,
    mut told: impl FnMut(&str, &str) -> (Told, Option<Value>),
) -> Value {
    let [mut result, mut errors, mut totals, mut nexts, mut times] =
        std::array::from_fn(|_| Map::new());
    for (key, method, query) in commands(request) {
        let (told, time) = told(&method, &query);
        match told {
            Told::Result(value) => {
                result.insert(key.clone(), value);
            }
            Told::List { rows, total, next } => {
                result.insert(key.clone(), rows);
                totals.insert(key.clone(), json!(total));
                if let Some(next) = next {
                    nexts.insert(key.clone(), json!(next));
                }
            }
            Told::Error(value) => {
                errors.insert(key.clone(), value);
            }
            Told::Nothing => {}
        }
        if let Some(time) = time {
            times.insert(key, time);
        }
    }
    let php = |map: Map<String, Value>| {
        if map.is_empty() {
            json!([])
        } else {
            Value::Object(map)
        }
    };
    json!({"result": {"result": php(result), "result_error": php(errors),
        "result_total": php(totals), "result_next": php(nexts), "result_time": php(times)},
        "time": {"date_start": "2026-01-01T03:00:00+03:00"}})
}
