//! A search over all portals. What is found is a plain list of links rather than the options of a
//! combobox: a row holds a second thing to press, its ID, which an option may not; a link can be
//! opened in a tab of its own; and without a script the same page works as a form.

pub(super) mod address;
mod bar;
mod results;

use std::time::Duration;

use crmap_domain::MemberId;
use crmap_domain::cabinet::{Denial, Found};
use leptos::either::Either;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::trouble::no_portals;
use crate::api::cabinet::find;
use crate::browser;
use crate::error::Denied;
use crate::say;
use crate::sheet::copy_clicked;
use crate::words::use_lang;

use bar::Bar;
pub(super) use results::kind_of;
use results::{Denied as DeniedNotice, Results};

/// The names of the parameters of the page's address.
pub mod parameter {
    /// What is looked for.
    pub const QUERY: &str = "q";
    /// The only portal that is searched.
    pub const ONLY: &str = "portal";
}

/// How long a pause in typing is before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);
/// The id of the box, which is the same on all pages that have one.
pub(super) const BOX: &str = "search";

/// What the page knows.
#[derive(Clone, Copy)]
struct Finder {
    /// What stands in the box.
    typed: RwSignal<String>,
    found: RwSignal<Found>,
    /// Why the last search came to nothing.
    denial: RwSignal<Option<Denial>>,
    waiting: RwSignal<bool>,
    /// Counts what was typed, so that a late answer to what was typed before is dropped.
    turn: StoredValue<u32>,
}

impl Finder {
    fn get() -> Self {
        expect_context()
    }

    fn only(self) -> Option<MemberId> {
        self.found
            .with_untracked(|found| found.only.as_ref().map(|only| only.member_id.clone()))
    }

    /// Searches once nothing more is typed for a moment.
    fn look_for(self, text: String) {
        self.search(text, PAUSE, || {});
    }

    /// Goes to the first hit of what stands in the box, once it is there.
    fn enter(self) {
        let typed = self.typed.get_untracked();
        if self
            .found
            .with_untracked(|found| found.query == typed.trim())
        {
            step(1);
        } else {
            self.search(typed, Duration::ZERO, || {
                request_animation_frame(|| step(1));
            });
        }
    }

    /// Searches after a pause in which nothing else is looked for; then does what is to be done with
    /// the hits.
    fn search(self, text: String, pause: Duration, then: impl FnOnce() + 'static) {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.typed.set(text.clone());
        spawn_local(async move {
            browser::sleep(pause).await;
            if self.turn.get_value() != turn {
                return;
            }
            self.waiting.set(true);
            let only = self.only().map(String::from);
            let answer = find(text.clone(), only.clone()).await;
            if self.turn.get_value() == turn {
                self.waiting.set(false);
                self.take(answer, &text, only);
                then();
            }
        });
    }

    fn take(self, answer: Result<Found, Denied>, text: &str, only: Option<String>) {
        match answer {
            Ok(found) => {
                self.denial.set(None);
                self.found.set(found);
                let query = (parameter::QUERY, text.trim().to_owned());
                let only = only.map(|only| (parameter::ONLY, only));
                let parameters = [Some(query).filter(|(_, text)| !text.is_empty()), only];
                browser::name_in_address(&parameters.into_iter().flatten().collect::<Vec<_>>());
            }
            Err(Denied(Denial::SignedOut)) => browser::go("/login"),
            Err(Denied(denial)) => self.denial.set(Some(denial)),
        }
    }
}

/// Goes to the next hit or, by a negative step, to one before; from the first one back to the box.
fn step(by: i32) {
    if !browser::step_among(".hit", ".hit__link", by) && by < 0 {
        browser::focus(BOX);
    }
}

/// The page.
#[component]
pub(super) fn SearchPage(found: Found) -> impl IntoView {
    let lang = use_lang();
    let has_portals = found.portals > 0;
    let finder = Finder {
        typed: RwSignal::new(found.query.clone()),
        found: RwSignal::new(found),
        denial: RwSignal::new(None),
        waiting: RwSignal::new(false),
        turn: StoredValue::new(0),
    };
    provide_context(finder);
    // What was typed before the page came to life is searched, though the box loses it by that.
    let typed = browser::before_life(|| browser::value_by_id(BOX));
    let is_asked = finder
        .found
        .with_untracked(|found| found.query == typed.trim());
    Effect::new(move |_| {
        if !typed.is_empty() && !is_asked {
            finder.look_for(typed.clone());
        }
    });
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            "Escape" => browser::focus(BOX),
            _ => return,
        }
        event.prevent_default();
    };
    let body = if has_portals {
        Either::Left(view! {
            <Bar/>
            <div
                class="found"
                aria-busy=move || if finder.waiting.get() { "true" } else { "false" }
                on:keydown=on_key
                on:click=move |event| {
                    copy_clicked(&event, lang);
                }
            >
                <DeniedNotice/>
                <Results/>
            </div>
        })
    } else {
        Either::Right(no_portals(say!(lang, find_no_portals_cure), lang))
    };
    view! {
        <header class="room__head">
            <h1 class="room__title">{say!(lang, find_heading)}</h1>
        </header>
        {body}
    }
}
