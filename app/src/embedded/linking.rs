//! Linking the portal to cabinets: the token, whose it is, the confirming click, and the list.

use crmap_domain::cabinet::{CabinetPreview, Denial, Level, LinkOnPortal};
use crmap_domain::words::day;
use crmap_domain::{ConnectionToken, Lang};
use leptos::either::Either;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::settings::sentence;
use super::state::Embedded;
use crate::api::{LinkAnswer, LinkAsk, cabinets};
use crate::browser;
use crate::error::Denied;
use crate::say;
use crate::ui::{Button, Look};
use crate::words::use_lang;

/// What the dialog knows of the portal's links.
#[derive(Clone, Copy)]
pub(super) struct Linking {
    state: Embedded,
    token: RwSignal<String>,
    /// The cabinet of the token, waiting for the confirming click.
    preview: RwSignal<Option<CabinetPreview>>,
    level: RwSignal<Level>,
    links: RwSignal<Option<Vec<LinkOnPortal>>>,
    /// The link whose end is to be confirmed.
    leaving: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    /// Counts what changed the links, so that a list that was asked for before is dropped.
    changes: StoredValue<u32>,
    /// What to say of the last thing that was done, and whether it was done.
    verdict: RwSignal<Option<(bool, String)>>,
}

impl Linking {
    /// Nothing yet, for everything below.
    pub(super) fn provide() -> Self {
        let linking = Self {
            state: Embedded::get(),
            token: RwSignal::new(String::new()),
            preview: RwSignal::new(None),
            level: RwSignal::new(Level::Read),
            links: RwSignal::new(None),
            leaving: RwSignal::new(None),
            busy: RwSignal::new(false),
            changes: StoredValue::new(0),
            verdict: RwSignal::new(None),
        };
        provide_context(linking);
        linking
    }

    fn get() -> Self {
        expect_context()
    }

    /// Fetches the list of links. Nobody has to wait for it: a token can be sent meanwhile.
    pub(super) fn list(self) {
        let changes = self.changes.get_value();
        spawn_local(async move {
            match self.answer(LinkAsk::List).await {
                Ok(LinkAnswer::Links(links)) if self.changes.get_value() == changes => {
                    self.links.set(Some(links));
                }
                Ok(_) => {}
                Err(Denied(denial)) => self.deny(&denial, self.state.lang),
            }
        });
    }

    /// What the server answers; it is asked once more with a fresh session where the old one has ended.
    async fn answer(self, ask: LinkAsk) -> Result<LinkAnswer, Denied> {
        let answer = cabinets(ask.clone()).await;
        if answer == Err(Denied(Denial::SignedOut)) && self.state.renew().await.is_ok() {
            return cabinets(ask).await;
        }
        answer
    }

    /// Asks the server, one thing at a time, and says `done` where it was done.
    fn ask(self, ask: LinkAsk, done: Option<&'static str>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = self.answer(ask).await;
            self.busy.set(false);
            match answer {
                Ok(LinkAnswer::Preview(preview)) => {
                    self.level.set(preview.linked.unwrap_or_default());
                    self.preview.set(Some(preview));
                    // The button is there when the question has been drawn.
                    request_animation_frame(|| browser::focus("link-confirm"));
                }
                Ok(LinkAnswer::Links(links)) => {
                    self.changes.update_value(|changes| *changes += 1);
                    self.links.set(Some(links));
                    if let Some(done) = done {
                        self.start_again();
                        self.verdict.set(Some((true, done.to_owned())));
                    }
                }
                Err(Denied(denial)) => self.deny(&denial, self.state.lang),
            }
        });
    }

    fn start_again(self) {
        self.token.set(String::new());
        self.preview.set(None);
        self.leaving.set(None);
        // What was pressed is gone.
        request_animation_frame(|| browser::focus("token"));
    }

    fn deny(self, denial: &Denial, lang: Lang) {
        self.verdict.set(Some((false, sentence(denial, lang))));
    }
}

/// The field for the token, then the question.
#[component]
pub(super) fn LinkForm() -> impl IntoView {
    let linking = Linking::get();
    view! {
        <div class="form">
            {move || match linking.preview.get() {
                Some(preview) => Either::Left(view! { <Question preview/> }),
                None => Either::Right(view! { <TokenField/> }),
            }}
            <Verdict/>
        </div>
    }
}

#[component]
fn TokenField() -> impl IntoView {
    let lang = use_lang();
    let linking = Linking::get();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        linking.verdict.set(None);
        let token = linking.token.get_untracked();
        // A typing error needs no server.
        match ConnectionToken::parse(&token) {
            Ok(_) => linking.ask(LinkAsk::Preview(token), None),
            Err(flaw) => linking.deny(&Denial::Token(flaw), lang),
        }
    };
    let flawed = move || {
        linking
            .verdict
            .with(|verdict| matches!(verdict, Some((false, _))))
    };
    view! {
        <form class="form" on:submit=send>
            <label class="form__label" for="token">{say!(lang, token_label)}</label>
            <div class="form__row">
                <input
                    id="token"
                    class="form__input mono"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    placeholder=say!(lang, token_hint)
                    aria-describedby="token-verdict"
                    aria-invalid=move || if flawed() { "true" } else { "false" }
                    prop:value=move || linking.token.get()
                    on:input:target=move |event| {
                        linking.token.set(event.target().value());
                        linking.verdict.set(None);
                    }
                />
                <button
                    type="submit"
                    class="button button--primary"
                    disabled=move || linking.busy.get()
                >
                    {say!(lang, link_next)}
                </button>
            </div>
        </form>
    }
}

/// Whose cabinet it is, what its owner may do, and the confirming click (SEC-22).
#[component]
fn Question(preview: CabinetPreview) -> impl IntoView {
    let lang = use_lang();
    let linking = Linking::get();
    let confirm = move |_| {
        let ask = LinkAsk::Link(linking.token.get_untracked(), linking.level.get_untracked());
        linking.ask(ask, Some(say!(lang, link_done)));
    };
    view! {
        <p>{say!(lang, link_preview)}</p>
        <p class="link-owner"><b>{preview.name}</b><span class="faint">{preview.email}</span></p>
        {preview.linked.map(|_| view! { <p class="remark">{say!(lang, link_already)}</p> })}
        <fieldset class="levels">
            <legend class="form__label">{say!(lang, link_level)}</legend>
            <LevelChoice level=Level::Read words=say!(lang, link_read) note=""/>
            <LevelChoice
                level=Level::ReadWrite
                words=say!(lang, link_write)
                note=say!(lang, link_write_text)
            />
        </fieldset>
        <div class="dialog__actions">
            <Button
                look=Look::Plain
                label=say!(lang, link_cancel)
                on_press=move |_| linking.start_again()
            />
            <button
                type="button"
                id="link-confirm"
                class="button button--primary"
                disabled=move || linking.busy.get()
                on:click=confirm
            >
                {say!(lang, link_confirm)}
            </button>
        </div>
    }
}

#[component]
fn LevelChoice(level: Level, words: &'static str, note: &'static str) -> impl IntoView {
    let linking = Linking::get();
    view! {
        <label class="levels__choice">
            <input
                type="radio"
                name="level"
                prop:checked=move || linking.level.get() == level
                on:change=move |_| linking.level.set(level)
            />
            <span>{words}<span class="levels__note">{note}</span></span>
        </label>
    }
}

#[component]
fn Verdict() -> impl IntoView {
    let linking = Linking::get();
    let class = move || {
        if linking
            .verdict
            .with(|verdict| matches!(verdict, Some((false, _))))
        {
            "form__verdict form__verdict--flaw"
        } else {
            "form__verdict"
        }
    };
    let words = move || {
        let verdict = linking.verdict.get();
        verdict.map(|(_, words)| words)
    };
    view! { <p id="token-verdict" role="status" class=class>{words}</p> }
}

/// The cabinets that the portal is linked to.
#[component]
pub(super) fn Links() -> impl IntoView {
    let lang = use_lang();
    let linking = Linking::get();
    move || {
        // Beside the question they would make the dialog higher than its frame.
        let is_asking = linking.preview.with(Option::is_some);
        let links = linking.links.get().filter(|_| !is_asking)?;
        let list = if links.is_empty() {
            Either::Left(view! { <p class="faint">{say!(lang, links_none)}</p> })
        } else {
            let rows: Vec<_> = links
                .into_iter()
                .map(|link| view! { <Link link/> })
                .collect();
            Either::Right(view! { <ul class="links">{rows}</ul> })
        };
        Some(view! {
            <h3 class="dialog__part">{say!(lang, links_title)}</h3>
            {list}
        })
    }
}

#[component]
fn Link(link: LinkOnPortal) -> impl IntoView {
    let lang = use_lang();
    let linking = Linking::get();
    let LinkOnPortal {
        id,
        name,
        email,
        level,
        linked_at,
    } = link;
    let date = day(linked_at.date(), lang);
    let level = match level {
        Level::Read => say!(lang, link_level_read),
        Level::ReadWrite => say!(lang, link_level_write),
    };
    let id = StoredValue::new(id);
    let is_leaving = move || {
        linking
            .leaving
            .with(|leaving| *leaving == Some(id.get_value()))
    };
    let end = move |_| {
        if is_leaving() {
            linking.ask(
                LinkAsk::Unlink(id.get_value()),
                Some(say!(lang, link_ended)),
            );
        } else {
            linking.leaving.set(Some(id.get_value()));
        }
    };
    view! {
        <li class="links__row" data-id=id.get_value()>
            <span class="links__words">
                <b>{name}</b>
                <span class="links__facts">
                    <span>{email}</span>
                    <span>{level}</span>
                    <span>{say!(lang, link_since, date = date)}</span>
                </span>
                {move || is_leaving().then(|| view! {
                    <span class="links__question" role="alert">{say!(lang, link_end_question)}</span>
                })}
            </span>
            {move || is_leaving().then(|| view! {
                <Button
                    look=Look::Plain
                    label=say!(lang, link_cancel)
                    on_press=move |_| {
                        linking.leaving.set(None);
                        let end = format!("[data-id=\"{}\"] button", id.get_value());
                        request_animation_frame(move || {
                            browser::focus_first(&end);
                        });
                    }
                />
            })}
            <Button
                look=Look::Plain
                label=say!(lang, link_end)
                disabled=linking.busy
                on_press=end
            />
        </li>
    }
}
