//! The queue between a portal and the handlers: late, lossy or repetitive as a test wants it, and
//! one delivery at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

use super::post::post;

/// How the queue treats events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventQueue {
    /// Milliseconds from the event to its delivery.
    pub delay_ms: u64,
    /// So many of the next deliveries are lost.
    pub lose: u32,
    /// How often each delivery is made.
    pub copies: u32,
    /// Deliveries wait until they are released.
    pub hold: bool,
    /// What was held leaves last first.
    pub reversed: bool,
}

impl Default for EventQueue {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            lose: 0,
            copies: 1,
            hold: false,
            reversed: false,
        }
    }
}

/// What a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// The portal's own word.
    Genuine,
    /// The same once more, because the queue repeats itself.
    Copy,
    /// An earlier delivery, sent again.
    Replay,
    /// Somebody else's word.
    Forged,
}

/// How far a delivery has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Held back.
    Held,
    /// On its way.
    Waiting,
    /// Lost on its way.
    Lost,
    /// The handler answered.
    Answered,
    /// The handler was not reached or did not answer.
    Failed,
}

/// One event on its way to one handler.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// Its number, from 1; [`crate::Portal::replay`] takes it.
    pub number: u32,
    /// The event, in capitals.
    pub event: String,
    /// The handler's address.
    pub handler: String,
    /// What it is.
    pub kind: DeliveryKind,
    /// How far it has got.
    pub state: DeliveryState,
    /// The HTTP status of the answer; 0 as long as there is none.
    pub status: u16,
    /// Why it failed.
    pub problem: Option<String>,
    /// When the event happened, ISO 8601.
    pub queued_at: String,
    /// The event's `data`. Its `auth` is a secret.
    pub data: Value,
}

/// An event that is to be delivered.
pub(super) struct Parcel {
    pub(super) kind: DeliveryKind,
    pub(super) event: String,
    pub(super) address: String,
    pub(super) data: Value,
    pub(super) form: String,
    pub(super) now: String,
}

/// One portal's post office.
#[derive(Debug)]
pub(crate) struct Post {
    desk: Arc<Mutex<Desk>>,
    road: mpsc::UnboundedSender<(u32, Duration)>,
}

#[derive(Debug, Default)]
struct Desk {
    queue: EventQueue,
    deliveries: Vec<(Delivery, String)>,
    next: u32,
}

/// Opens a post office and lets its postman walk, until the office is dropped.
pub(crate) fn start() -> Post {
    let desk = Arc::new(Mutex::new(Desk::default()));
    let (road, parcels) = mpsc::unbounded_channel();
    tokio::spawn(walk(Arc::clone(&desk), parcels));
    Post { desk, road }
}

async fn walk(desk: Arc<Mutex<Desk>>, mut parcels: mpsc::UnboundedReceiver<(u32, Duration)>) {
    while let Some((number, delay)) = parcels.recv().await {
        tokio::time::sleep(delay).await;
        let Some((address, form)) = lock(&desk).parcel(number) else {
            continue;
        };
        let outcome = post(&address, &form).await;
        lock(&desk).note(number, outcome);
    }
}

impl Post {
    pub(super) fn send(&self, parcel: &Parcel) {
        let mut desk = lock(&self.desk);
        let copies = desk.queue.copies;
        for copy in 0..copies {
            let kind = match copy {
                0 => parcel.kind,
                _ => DeliveryKind::Copy,
            };
            let number = desk.take_in(parcel, kind);
            self.dispatch(&mut desk, number);
        }
    }

    pub(super) fn replay(&self, number: u32, now: String) {
        let mut desk = lock(&self.desk);
        let found = desk.deliveries.iter().find(|(old, _)| old.number == number);
        let Some((old, form)) = found.cloned() else {
            return;
        };
        let parcel = Parcel {
            kind: DeliveryKind::Replay,
            event: old.event,
            address: old.handler,
            data: old.data,
            form,
            now,
        };
        let number = desk.take_in(&parcel, DeliveryKind::Replay);
        self.dispatch(&mut desk, number);
    }

    pub(super) fn set(&self, queue: EventQueue) {
        lock(&self.desk).queue = queue;
    }

    pub(super) fn release(&self) {
        let mut desk = lock(&self.desk);
        let held = |(delivery, _): &&(Delivery, String)| delivery.state == DeliveryState::Held;
        let numbers = desk.deliveries.iter().filter(held);
        let mut numbers: Vec<u32> = numbers.map(|(delivery, _)| delivery.number).collect();
        if desk.queue.reversed {
            numbers.reverse();
        }
        let is_holding = std::mem::replace(&mut desk.queue.hold, false);
        for number in numbers {
            self.dispatch(&mut desk, number);
        }
        desk.queue.hold = is_holding;
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        let desk = lock(&self.desk);
        desk.deliveries
            .iter()
            .map(|(delivery, _)| delivery.clone())
            .collect()
    }

    pub(super) fn clear(&self) {
        let is_on_its_way = |delivery: &Delivery| {
            matches!(delivery.state, DeliveryState::Held | DeliveryState::Waiting)
        };
        let mut desk = lock(&self.desk);
        desk.deliveries
            .retain(|(delivery, _)| is_on_its_way(delivery));
    }

    pub(super) async fn settled(&self) {
        let is_waiting = |delivery: &Delivery| delivery.state == DeliveryState::Waiting;
        while self.deliveries().iter().any(is_waiting) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn queue(&self) -> EventQueue {
        lock(&self.desk).queue.clone()
    }

    /// Holds a delivery back, loses it, or sends it on its way.
    fn dispatch(&self, desk: &mut Desk, number: u32) {
        let state = match &mut desk.queue {
            EventQueue { hold: true, .. } => DeliveryState::Held,
            EventQueue { lose: 0, .. } => DeliveryState::Waiting,
            EventQueue { lose, .. } => {
                *lose -= 1;
                DeliveryState::Lost
            }
        };
        let delay = Duration::from_millis(desk.queue.delay_ms);
        if let Some(delivery) = desk.find(number) {
            delivery.state = state;
        }
        // The postman is gone only when the runtime is: then nothing is delivered any more.
        if state == DeliveryState::Waiting && self.road.send((number, delay)).is_err() {
            desk.note(number, Err("the cloud has stopped".to_owned()));
        }
    }
}

impl Desk {
    fn take_in(&mut self, parcel: &Parcel, kind: DeliveryKind) -> u32 {
        self.next += 1;
        let delivery = Delivery {
            number: self.next,
            event: parcel.event.clone(),
            handler: parcel.address.clone(),
            kind,
            state: DeliveryState::Waiting,
            status: 0,
            problem: None,
            queued_at: parcel.now.clone(),
            data: parcel.data.clone(),
        };
        self.deliveries.push((delivery, parcel.form.clone()));
        self.next
    }

    fn find(&mut self, number: u32) -> Option<&mut Delivery> {
        let mut all = self.deliveries.iter_mut();
        all.find(|(delivery, _)| delivery.number == number)
            .map(|(delivery, _)| delivery)
    }

    fn parcel(&self, number: u32) -> Option<(String, String)> {
        let mut all = self.deliveries.iter();
        let (delivery, form) = all.find(|(delivery, _)| delivery.number == number)?;
        Some((delivery.handler.clone(), form.clone()))
    }

    fn note(&mut self, number: u32, outcome: Result<u16, String>) {
        let Some(delivery) = self.find(number) else {
            return;
        };
        match outcome {
            Ok(status) => {
                delivery.state = DeliveryState::Answered;
                delivery.status = status;
            }
            Err(problem) => {
                delivery.state = DeliveryState::Failed;
                delivery.problem = Some(problem);
            }
        }
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
