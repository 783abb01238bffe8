//! Reading several portals at once, as it goes on: how far it has come, what could not be read and
//! why, and a way to stop it. It comes with the page, so that a reload finds it again, and asks the
//! server about once a second for as long as it lasts.

use std::time::Duration;

use crmap_domain::cabinet::{Denial, RunFailure, RunOf, RunProgress};
use crmap_domain::{Lang, MemberId};
use leptos::either::Either;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fleet::Fleet;
use crate::api::fleet::{look_at_run, put_run_away, start_run, stop_run};
use crate::browser;
use crate::cabinet::sending::Sending;
use crate::cabinet::shell::ROOM;
use crate::cabinet::trouble::SendingTrouble;
use crate::error::Denied;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

/// How many of the portals that are being read are named.
const NAMED: usize = 3;
/// Between two looks at the server.
const PAUSE: Duration = Duration::from_secs(1);
/// The same while nobody sees the page.
const UNSEEN: Duration = Duration::from_secs(10);
/// The longest pause while the server is away.
const LONGEST: Duration = Duration::from_secs(30);
/// After how many looks the cards are shown anew while the reading goes on.
const LOOKS: u32 = 10;

/// Has portals read anew, and shows how far that has come.
pub(super) fn start(fleet: Fleet, which: RunOf) {
    fleet.sending.send(start_run(which), move |run| {
        fleet.run.set(Some(run));
        request_animation_frame(|| browser::focus(PANEL));
    });
}

const PANEL: &str = "run";

/// The panel; nothing where nothing is read and nothing is to be told.
#[component]
pub(super) fn RunPanel() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let away = RwSignal::new(false);
    let goes_on = Memo::new(move |_| fleet.is_reading());
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        // One that looks on is enough, also where a run ends and the next begins within a pause.
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        if goes_on.get() {
            spawn_local(follow(fleet, away, turn));
        }
    });
    let is_there = Memo::new(move |_| fleet.run.with(Option::is_some));
    let sending = Sending::new(lang, None);
    let outcome = move || {
        fleet.run.with(|run| {
            let over = run.as_ref().filter(|run| run.finished_at.is_some());
            over.map(|run| counted(run, lang))
        })
    };
    let told = move || {
        let run = fleet.run.get();
        run.map(|run| view! { <Told run sending/> })
    };
    view! {
        <section
            class="run"
            id=PANEL
            tabindex="-1"
            aria-labelledby="run-title"
            hidden=move || !is_there.get()
        >
            {told}
            // What comes every second is not read out, but how it ended is.
            <p class="off-screen" role="status">{outcome}</p>
            <p class="run__away" role="status">
                {move || (away.get() && goes_on.get()).then(|| say!(lang, fleet_run_away))}
            </p>
            <SendingTrouble sending/>
        </section>
    }
}

/// Asks the server how far the reading has come until it is at its end, and shows the portals as they
/// are by then; or until somebody else's turn has come.
async fn follow(fleet: Fleet, away: RwSignal<bool>, turn: StoredValue<u32>) {
    let mine = turn.get_value();
    let (mut missed, mut looks) = (0, 0);
    loop {
        browser::sleep(pause(missed, browser::is_hidden())).await;
        if turn.get_value() != mine || !fleet.run.with_untracked(Option::is_some) {
            return;
        }
        match look_at_run().await {
            Ok(run) => {
                (missed, looks) = (0, looks + 1);
                away.set(false);
                fleet.run.set(run);
            }
            Err(Denied(Denial::SignedOut)) => return browser::go("/login"),
            Err(Denied(_)) => {
                missed += 1;
                away.set(true);
                continue;
            }
        }
        let is_over = !untrack(|| fleet.is_reading());
        if is_over || looks % LOOKS == 0 {
            fleet.look_again().await;
        }
        if is_over {
            return;
        }
    }
}

/// How long to wait before the next look.
fn pause(missed: u32, is_hidden: bool) -> Duration {
    let patient = PAUSE
        .saturating_mul(2_u32.saturating_pow(missed))
        .min(LONGEST);
    if is_hidden {
        patient.max(UNSEEN)
    } else {
        patient
    }
}

/// What is told of a run, and what can be done about it.
#[component]
fn Told(run: RunProgress, sending: Sending) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let is_over = run.finished_at.is_some();
    let title = if is_over {
        say!(lang, fleet_run_over)
    } else {
        say!(lang, fleet_run_title)
    };
    let (id, failed) = (run.id.clone(), run.failed.clone());
    let button = if is_over {
        Either::Left(view! { <OverButtons id failed=failed.clone() sending/> })
    } else {
        Either::Right(view! { <StopButton id sending/> })
    };
    view! {
        <div class="run__head">
            <h2 class="run__title" id="run-title">{title}</h2>
            <p class="run__count">{counted(&run, lang)}</p>
            <div class="run__buttons">{button}</div>
        </div>
        <progress
            class="run__progress"
            max=run.total.max(1)
            value=run.done()
            aria-labelledby="run-title"
            hidden=is_over
        ></progress>
        <p class="run__reading" hidden=run.reading.is_empty()>{reading(fleet, &run.reading, lang)}</p>
        {failures(fleet, &failed, lang)}
    }
}

/// How many portals were read, and what became of the others.
fn counted(run: &RunProgress, lang: Lang) -> String {
    let mut parts = vec![say!(
        lang,
        fleet_run_read,
        read = run.read,
        total = run.total
    )];
    if !run.failed.is_empty() {
        parts.push(say!(lang, fleet_run_failed, count = run.failed.len()));
    }
    if run.skipped > 0 {
        parts.push(say!(lang, fleet_run_skipped, count = run.skipped));
    }
    parts.join(", ")
}

/// Which portals are being read.
fn reading(fleet: Fleet, members: &[MemberId], lang: Lang) -> String {
    let first = &members[..members.len().min(NAMED)];
    let names = fleet.names_of(first).join(", ");
    let more = members.len() - first.len();
    if more > 0 {
        say!(lang, fleet_run_reading_more, names = names, count = more)
    } else {
        say!(lang, fleet_run_reading, names = names)
    }
}

/// The portals that could not be read, and why, for whoever asks: what needs attention is told once,
/// below.
fn failures(fleet: Fleet, failed: &[RunFailure], lang: Lang) -> impl IntoView + use<> {
    let members: Vec<_> = failed.iter().map(|one| one.member_id.clone()).collect();
    let named = fleet.names_of(&members).into_iter().zip(failed);
    let lines: Vec<_> = named
        .map(|(name, failure)| failure_line(name, failure, lang))
        .collect();
    view! {
        <details class="run__more" hidden=failed.is_empty()>
            <summary>{say!(lang, fleet_run_more, count = failed.len())}</summary>
            <ul class="run__failed">{lines}</ul>
        </details>
    }
}

fn failure_line(name: String, failure: &RunFailure, lang: Lang) -> impl IntoView + use<> {
    let advice = failure.trouble.advice(lang);
    let page = format!("/portals/{}", failure.member_id);
    view! {
        <li>
            <a href=page>{name}</a>": "{advice.what}" "<span class="faint">{advice.cure}</span>
        </li>
    }
}

#[component]
fn StopButton(id: String, sending: Sending) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let stop = move |_| {
        sending.send(stop_run(id.clone()), move |run| {
            fleet.run.set(Some(run));
            // The button goes with what it stops.
            request_animation_frame(|| browser::focus(PANEL));
        });
    };
    view! {
        <Button
            look=Look::Plain
            label=say!(lang, fleet_run_stop)
            disabled=sending.busy()
            on_press=stop
        />
    }
}

#[component]
fn OverButtons(id: String, failed: Vec<RunFailure>, sending: Sending) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let again = (!failed.is_empty()).then(|| {
        let members: Vec<_> = failed.into_iter().map(|one| one.member_id).collect();
        view! {
            <Button
                look=Look::Plain
                icon=Icon::Refresh
                label=say!(lang, fleet_run_again)
                disabled=fleet.sending.busy()
                on_press=move |_| start(fleet, RunOf::These(members.clone()))
            />
        }
    });
    let put_away = move |_| {
        sending.send(put_run_away(id.clone()), move |()| {
            fleet.run.set(None);
            browser::focus(ROOM);
        });
    };
    view! {
        {again}
        <Button
            look=Look::Plain
            label=say!(lang, news_seen_button)
            disabled=sending.busy()
            on_press=put_away
        />
    }
}

/// «Обновить все».
#[component]
pub(super) fn RefreshAll() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let is_busy = move || fleet.is_reading() || fleet.sending.is_busy();
    view! {
        <Button
            look=Look::Plain
            icon=Icon::Refresh
            label=say!(lang, fleet_refresh_all)
            disabled=Signal::derive(is_busy)
            on_press=move |_| start(fleet, RunOf::All)
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_every_second_and_seldom_while_nobody_sees_them_or_nobody_answers() {
        let seconds = |missed, is_hidden| pause(missed, is_hidden).as_secs();
        assert_eq!(
            [0, 1, 2, 3].map(|missed| seconds(missed, false)),
            [1, 2, 4, 8]
        );
        assert_eq!((seconds(5, false), seconds(u32::MAX, false)), (30, 30));
        assert_eq!((seconds(0, true), seconds(4, true)), (10, 16));
    }
}
