//! A form or a button that asks the server to do something: whether it waits, and why it was denied.

use std::future::Future;

use crmap_domain::Lang;
use crmap_domain::cabinet::Denial;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::words::{Place, Told, told};
use crate::browser::{self, Values};
use crate::error::Denied;

/// The state of one form.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    lang: Lang,
    /// The field of the present password, where the form has one.
    present: &'static str,
    busy: RwSignal<bool>,
    denial: RwSignal<Option<Denial>>,
}

impl Sending {
    /// A form that waits for nothing; `denial` is why the server has drawn it again.
    pub(super) fn new(lang: Lang, denial: Option<Denial>) -> Self {
        Self {
            lang,
            present: "present",
            busy: RwSignal::new(false),
            denial: RwSignal::new(denial),
        }
    }

    /// The same for a form whose field of the present password has another name: ids are once in a
    /// page.
    pub(super) fn asking_for(self, present: &'static str) -> Self {
        Self { present, ..self }
    }

    /// Whether an answer is being waited for.
    pub(super) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Whether an answer is being waited for, for attributes.
    pub(super) fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// What is wrong with one field.
    pub(super) fn flaw(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || match self.told()? {
            (Place::Field(name), told) if name == field => Some(told.sentence()),
            _ => None,
        })
    }

    /// What is wrong with the whole.
    pub(super) fn trouble(self) -> Option<Told> {
        match self.told()? {
            (Place::Whole, told) => Some(told),
            (Place::Field(_), _) => None,
        }
    }

    fn told(self) -> Option<(Place, Told)> {
        self.denial
            .with(|denial| denial.as_ref().map(|denial| self.place(denial)))
    }

    /// Says that something cannot be sent as it is.
    pub(super) fn deny(self, denial: Denial) {
        if let (Place::Field(name), _) = self.place(&denial) {
            request_animation_frame(move || browser::focus(name));
        }
        self.denial.set(Some(denial));
    }

    fn place(self, denial: &Denial) -> (Place, Told) {
        match (denial, told(denial, self.lang)) {
            (Denial::WrongPassword, (_, told)) => (Place::Field(self.present), told),
            (_, told) => told,
        }
    }

    /// Forgets why it was denied.
    pub(super) fn forget(self) {
        self.denial.set(None);
    }

    /// What sends a form: `ask` makes a question out of what was typed, or says why it cannot be sent as
    /// it is; `then` goes on with what the server gives.
    pub(super) fn on_submit<T: 'static, Q>(
        self,
        ask: impl Fn(&Values) -> Result<Q, Denial>,
        then: impl FnOnce(T) + Clone + 'static,
    ) -> impl Fn(SubmitEvent)
    where
        Q: Future<Output = Result<T, Denied>> + 'static,
    {
        move |event| {
            event.prevent_default();
            match ask(&Values::of(&event)) {
                Ok(question) => self.send(question, then.clone()),
                Err(denial) => self.deny(denial),
            }
        }
    }

    /// Asks the server, and goes on with what it gives.
    pub(super) fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, Denied>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.forget();
        spawn_local(async move {
            match request.await {
                Ok(done) => then(done),
                Err(Denied(Denial::SignedOut)) => browser::go("/login"),
                Err(Denied(denial)) => self.deny(denial),
            }
            self.busy.set(false);
        });
    }
}
