//! One portal: its specification, and how it is connected.

mod connection;
mod describe;
mod history;
mod requests;
mod sheet;
mod unlink;

use crmap_domain::Lang;
use crmap_domain::cabinet::{Description, PortalCard};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ages::age;
use super::dashboard::standing;
use super::data::{PortalRoom, PortalView};
use super::filter::name_of;
use crate::api::cabinet::looked_at;
use crate::browser;
use crate::say;
use crate::ui::{Badge, Icon, Shade};
use crate::words::use_lang;

use connection::Connection;
use describe::{DescribeDialog, open as open_description};
use history::History;
use sheet::PortalSheet;

/// The portal that the page shows, as its owner describes it.
#[derive(Clone, Copy)]
struct Shown {
    card: RwSignal<PortalCard>,
    description: RwSignal<Description>,
}

impl Shown {
    fn get() -> Self {
        expect_context()
    }

    fn member_id(self) -> String {
        self.card.with_untracked(|card| card.member_id.to_string())
    }

    /// What the portal is called by now.
    fn name(self) -> String {
        let mut card = self.card.get();
        card.description = self.description.get();
        name_of(&card).to_owned()
    }
}

/// The page of one portal.
#[component]
pub(super) fn PortalPage(room: PortalRoom) -> impl IntoView {
    let card = room.details.card.clone();
    let shown = Shown {
        description: RwSignal::new(card.description.clone()),
        card: RwSignal::new(card),
    };
    provide_context(shown);
    let (view, version) = (room.view, room.version);
    if view != PortalView::Connection && room.old.is_none() {
        Effect::new(move |_| spawn_local(note_looked_at(shown, version)));
    }
    let body = match (view, room.history) {
        (PortalView::History, Some(history)) => EitherOf3::A(view! { <History history version/> }),
        (PortalView::Connection, _) => EitherOf3::B(view! { <Connection details=room.details/> }),
        (_, history) => EitherOf3::C(view! { <PortalSheet room=PortalRoom { history, ..room }/> }),
    };
    view! {
        <Head/>
        {(view != PortalView::Sheet).then(|| view! { <Views current=view/> })}
        {body}
        <DescribeDialog/>
    }
}

/// That it was not noted is nothing to tell anybody.
async fn note_looked_at(shown: Shown, version: u32) {
    let _ = looked_at(shown.member_id(), version).await;
}

#[component]
fn Head() -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let mark = move || {
        let mark = shown.description.with(|description| description.mark)?;
        let class = format!("portal__mark portal__mark--{}", mark.code());
        Some(view! { <span class=class aria-hidden="true"></span> })
    };
    let tags = move || {
        let tags = shown
            .description
            .with(|description| description.tags.clone());
        tags.into_iter()
            .map(|tag| view! { <Badge shade=Shade::Plain word=tag/> })
            .collect_view()
    };
    let note = move || {
        let note = shown
            .description
            .with(|description| description.note.clone());
        (!note.is_empty()).then(|| view! { <p class="portal-head__note">{note}</p> })
    };
    view! {
        <header class="portal-head">
            <p class="portal-head__back"><a href="/dashboard">{say!(lang, to_dashboard)}</a></p>
            <div class="portal-head__line">
                {mark}
                <h1 class="room__title">{move || shown.name()}</h1>
                <button
                    type="button"
                    class="tool"
                    id="describe"
                    aria-label=say!(lang, describe_title)
                    title=say!(lang, describe_title)
                    on:click=move |_| open_description()
                >
                    {Icon::Pencil.draw()}
                </button>
                <span class="portal-head__tags">{tags}</span>
            </div>
            <div class="portal-head__facts">
                <div class="portal-head__state">{move || standing(&shown.card.get(), lang)}</div>
                <p class="room__facts">{move || facts(&shown.card.get(), lang)}</p>
            </div>
            {note}
        </header>
    }
}

/// Where the portal is, since when it is linked, and how old its data is.
fn facts(card: &PortalCard, lang: Lang) -> impl IntoView + use<> {
    let data = match card.read_at {
        Some(at) => Either::Left(view! { <span>{say!(lang, data_of)}" "{age(at, lang)}</span> }),
        None => Either::Right(view! { <span>{say!(lang, not_read_yet)}</span> }),
    };
    view! {
        <span>{card.address.clone()}</span>
        <span>{say!(lang, linked_since)}" "{age(card.linked_at, lang)}</span>
        {data}
    }
}

/// The views of a portal, as links: each is a page of its own.
#[component]
fn Views(current: PortalView) -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let id = shown.member_id();
    let unseen = shown.card.with_untracked(|card| card.changes);
    let link = |view: PortalView, words: &'static str| {
        let address = match view {
            PortalView::Sheet => format!("/portals/{id}"),
            PortalView::History | PortalView::Connection => {
                format!("/portals/{id}?{}={}", PortalView::PARAMETER, view.slug())
            }
        };
        view! {
            <a class="views__link" href=address aria-current=(view == current).then_some("page")>
                {words}
                {(view == PortalView::History && unseen > 0).then(|| {
                    let told = say!(lang, history_unseen, count = unseen);
                    view! {
                        <span class="tab__news" role="img" aria-label=told.clone() title=told>
                            {unseen}
                        </span>
                    }
                })}
            </a>
        }
    };
    view! {
        <nav class="views" aria-label=say!(lang, views_label)>
            {link(PortalView::Sheet, say!(lang, view_sheet))}
            {link(PortalView::History, say!(lang, history_view))}
            {link(PortalView::Connection, say!(lang, view_connection))}
        </nav>
    }
}

/// Says something beside the element of this id.
fn tell(toast: crate::ui::Toaster, words: &str, beside: &str) {
    toast.tell(words.to_owned(), browser::point_of(beside));
}
