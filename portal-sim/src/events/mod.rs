//! Events: what happens on a portal is told to the application's handlers, from a queue and without
//! retries (§1.6, §1.7, §1.9).

mod form;
mod post;
mod queue;

use serde_json::{Value, json};

use crate::bindings::EventHandler;
use crate::clock;
use crate::life::AppStanding;
use crate::portal::Portal;

pub use queue::{Delivery, DeliveryKind, DeliveryState, EventQueue};
pub(crate) use queue::{Post, start};

use form::Letter;
use queue::Parcel;

/// Events of every application.
const BASIC: &[&str] = &[
    "ONAPPINSTALL",
    "ONAPPUNINSTALL",
    "ONAPPUPDATE",
    "ONAPPPAYMENT",
    "ONAPPTEST",
    "ONAPPMETHODCONFIRM",
];

/// The events whose names there are for those scopes, in capitals.
pub(crate) fn names(scopes: &[String]) -> Vec<String> {
    let mut names: Vec<String> = BASIC.iter().map(|&name| name.to_owned()).collect();
    if scopes.iter().any(|scope| scope == "crm") {
        for entity in ["DEAL", "LEAD", "CONTACT", "COMPANY", "QUOTE", "REQUISITE"] {
            for change in ["ADD", "UPDATE", "DELETE", "SETENUMVALUES"] {
                names.push(format!("ONCRM{entity}USERFIELD{change}"));
            }
        }
        names.extend(["ADD", "UPDATE", "DELETE"].map(|change| format!("ONCRMTYPE{change}")));
    }
    if scopes.iter().any(|scope| scope == "user") {
        names.push("ONUSERADD".to_owned());
    }
    names
}

impl Portal {
    /// An event happens: its handlers are told, as soon as the application is finished. The event
    /// carries a token of the administrator, as if that one had caused it, unless the handler was
    /// bound for somebody else. `ONAPPUNINSTALL` and `ONAPPPAYMENT` carry none.
    pub fn fire(&self, event: &str, data: &Value) {
        let event = event.to_uppercase();
        if self.app_state().standing == AppStanding::Installed {
            self.tell(&self.bindings().handlers_of(&event), &event, data);
        }
    }

    /// Somebody who is not the portal sends an event to its handlers, or to all addresses that ever
    /// were bound when the event has none: with the application token given, or without one.
    pub fn forge(&self, event: &str, data: &Value, application_token: Option<&str>) {
        let event = event.to_uppercase();
        let mut addresses: Vec<String> = self
            .bindings()
            .handlers_of(&event)
            .into_iter()
            .map(|handler| handler.address)
            .collect();
        if addresses.is_empty() {
            addresses.clone_from(&self.bindings().now().known_addresses);
        }
        for address in addresses {
            let mut letter = Letter::new(self, &event, data);
            letter.application_token = application_token.map(str::to_owned);
            self.post_office().send(&Parcel {
                kind: DeliveryKind::Forged,
                event: event.clone(),
                address,
                data: data.clone(),
                form: letter.write(),
                now: clock::iso(self.shared().now()),
            });
        }
    }

    /// Sends an earlier delivery once more, word for word. Does nothing when there is none of that
    /// number.
    pub fn replay(&self, number: u32) {
        self.post_office()
            .replay(number, clock::iso(self.shared().now()));
    }

    /// How the queue treats events from now on.
    pub fn set_event_queue(&self, queue: EventQueue) {
        self.post_office().set(queue);
    }

    /// Lets go what [`EventQueue::hold`] has held back.
    pub fn release_events(&self) {
        self.post_office().release();
    }

    /// All deliveries so far, in the order in which they happened.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.post_office().deliveries()
    }

    /// Forgets the deliveries that have ended; what is on its way still arrives.
    pub fn clear_deliveries(&self) {
        self.post_office().clear();
    }

    /// Waits until every delivery has ended that is not held back.
    pub async fn events_settled(&self) {
        self.post_office().settled().await;
    }

    /// Tells the application what it is told only by a knob: that it is ready, or renewed (§1.7).
    pub(crate) fn tell_of_installation(&self, previous_version: Option<u32>) {
        let app = self.app_state();
        match previous_version {
            None => self.fire(
                "ONAPPINSTALL",
                &json!({"VERSION": app.version, "ACTIVE": "Y", "INSTALLED": "Y",
                    "LANGUAGE_ID": "ru"}),
            ),
            Some(previous) => self.fire(
                "ONAPPUPDATE",
                &json!({"VERSION": app.version, "PREVIOUS_VERSION": previous,
                    "LANGUAGE_ID": "ru"}),
            ),
        }
    }

    /// Tells the application that it is paid for, or no longer.
    pub(crate) fn tell_of_payment(&self, active: bool) {
        let app = self.app_state();
        let (expired, days) = if active { ("N", 30) } else { ("Y", -1) };
        self.fire(
            "ONAPPPAYMENT",
            &json!({"CODE": "simulated.crmap", "VERSION": app.version, "STATUS": "S",
                "PAYMENT_EXPIRED": expired, "DAYS": days, "LANGUAGE_ID": "ru"}),
        );
    }

    /// Tells handlers, whatever the state of the application.
    pub(crate) fn tell(&self, handlers: &[EventHandler], event: &str, data: &Value) {
        for handler in handlers {
            let letter = Letter::to(self, handler, event, data);
            self.post_office().send(&Parcel {
                kind: DeliveryKind::Genuine,
                event: event.to_owned(),
                address: handler.address.clone(),
                data: data.clone(),
                form: letter.write(),
                now: clock::iso(self.shared().now()),
            });
        }
    }
}
