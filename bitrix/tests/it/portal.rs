//! A portal that remembers what is bound in it, for tests of binding: it can be told to be strict,
//! slow or forgetful where a simulated one would behave.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::stub::{Request, Stub, Told, at_once, batch, http, json_reply};

/// What is bound: the name of an event or a place, and its handler.
pub type Bound = (String, String);

#[derive(Default)]
pub struct State {
    pub events: Vec<Bound>,
    pub places: Vec<Bound>,
    /// How often something was bound or unbound, whatever came of it.
    pub binds: usize,
    pub unbinds: usize,
    pub batches: usize,
}

/// How the portal behaves.
#[derive(Clone)]
pub struct Manners {
    pub administrator: bool,
    pub scopes: Vec<&'static str>,
    /// Answers of `event.bind` and `placement.bind` to a name, instead of binding.
    pub refuses: Vec<(&'static str, Value)>,
    /// Batches that bind are executed, but this many of the answers are lost.
    pub loses: usize,
    /// Batches that bind are not executed, and this many fail.
    pub fails: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            administrator: true,
            scopes: vec!["crm", "placement"],
            refuses: Vec::new(),
            loses: 0,
            fails: 0,
        }
    }
}

pub struct Portal {
    pub stub: Stub,
    pub state: Arc<Mutex<State>>,
}

impl Portal {
    pub async fn start(manners: Manners) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let (loses, fails) = (Mutex::new(manners.loses), Mutex::new(manners.fails));
        let stub = Stub::start(move |request| {
            let binds =
                request.body.contains("event.bind") || request.body.contains("placement.bind");
            if binds && take(&fails) {
                return at_once(http(502, "", b"<html>Bad gateway"));
            }
            let answer = answer(request, &manners, &mut shared.lock().unwrap());
            if binds && take(&loses) {
                return at_once(Vec::new());
            }
            json_reply(200, &answer)
        })
        .await;
        Self { stub, state }
    }
}

fn take(left: &Mutex<usize>) -> bool {
    let mut left = left.lock().unwrap();
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

fn answer(request: &Request, manners: &Manners, state: &mut State) -> Value {
    state.batches += 1;
    batch(request, |method, query| {
        let param = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        match method {
            "profile" => Told::Result(json!({"ID": "1", "ADMIN": manners.administrator,
                "NAME": "Анна", "LAST_NAME": "Титова"})),
            "app.info" => Told::Result(json!({"ID": 5, "VERSION": 4, "STATUS": "F",
                "INSTALLED": true, "PAYMENT_EXPIRED": "N", "LICENSE": "ru_basic"})),
            "scope" => Told::Result(json!(manners.scopes)),
            "event.get" => Told::Result(rows(&state.events, "event")),
            "placement.get" if !manners.scopes.contains(&"placement") => Told::Error(
                json!({"error": "insufficient_scope", "error_description": "higher privileges"}),
            ),
            "placement.get" => Told::Result(rows(&state.places, "placement")),
            "event.bind" | "placement.bind" => {
                state.binds += 1;
                let place = method == "placement.bind";
                let (name, handler) = if place {
                    (param("PLACEMENT"), param("HANDLER"))
                } else {
                    (param("event"), param("handler"))
                };
                if let Some((_, error)) = manners.refuses.iter().find(|(who, _)| *who == name) {
                    return Told::Error(error.clone());
                }
                let list = if place {
                    &mut state.places
                } else {
                    &mut state.events
                };
                let bound = (name, handler);
                if list.contains(&bound) {
                    return Told::Error(json!({"error": "ERROR_CORE", "error_description":
                        "Unable to set event handler: Handler already binded"}));
                }
                list.push(bound);
                Told::Result(json!(true))
            }
            "event.unbind" | "placement.unbind" => {
                state.unbinds += 1;
                let (list, bound) = if method == "placement.unbind" {
                    (&mut state.places, (param("PLACEMENT"), param("HANDLER")))
                } else {
                    (&mut state.events, (param("event"), param("handler")))
                };
                let before = list.len();
                list.retain(|there| *there != bound);
                Told::Result(json!({"count": before - list.len()}))
            }
            _ => Told::Error(json!({"error": "ERROR_METHOD_NOT_FOUND"})),
        }
    })
}

fn rows(bound: &[Bound], name: &str) -> Value {
    let row = |(what, handler): &Bound| json!({name: what, "handler": handler, "offline": 0});
    bound.iter().map(row).collect()
}
