//! Toasts: a word about what was just done, beside where it was done. A frame inside a portal is as
//! high as its content, so a corner of the window may be far out of sight.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{self, Point};

/// How long a toast stays.
const STAYS: Duration = Duration::from_millis(2_600);

#[derive(Clone, PartialEq)]
struct Told {
    number: u32,
    text: String,
    at: Option<Point>,
}

/// Tells people what was done.
#[derive(Clone, Copy)]
pub struct Toaster {
    told: RwSignal<Option<Told>>,
}

/// Gives a toaster to everything below.
pub fn provide_toast() {
    provide_context(Toaster {
        told: RwSignal::new(None),
    });
}

/// The page's toaster.
#[must_use]
pub fn use_toast() -> Toaster {
    expect_context()
}

impl Toaster {
    /// Says `text`, beside the point where it was done if there is one.
    pub(crate) fn tell(self, text: String, at: Option<Point>) {
        let number = self
            .told
            .with_untracked(|told| told.as_ref().map_or(0, |told| told.number))
            + 1;
        self.told.set(Some(Told { number, text, at }));
        spawn_local(async move {
            browser::sleep(STAYS).await;
            let mine =
                |told: &Option<Told>| told.as_ref().is_some_and(|told| told.number == number);
            if self.told.with_untracked(mine) {
                self.told.set(None);
            }
        });
    }
}

/// Where toasts appear; one for a page.
#[component]
pub fn Toast() -> impl IntoView {
    let told = use_toast().told;
    let text = move || told.with(|told| told.as_ref().map(|told| told.text.clone()));
    view! {
        <div class="off-screen" role="status">{text}</div>
        {move || told.get().map(|told| {
            let at = told.at.unwrap_or(Point { x: 24.0, y: 24.0 });
            view! {
                <div
                    class="toast"
                    aria-hidden="true"
                    style:left=format!("{}px", at.x as i32)
                    style:top=format!("{}px", at.y as i32 + 6)
                >
                    {told.text}
                </div>
            }
        })}
    }
}
