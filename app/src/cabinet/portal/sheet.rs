//! The specification of a portal, from its last reading: the very sheet of the application.

use std::rc::Rc;
use std::sync::Arc;

use crmap_domain::cabinet::{Denial, VersionMark};
use crmap_domain::words::Advice;
use crmap_domain::{Lang, Specification};
use leptos::either::Either;
use leptos::prelude::*;

use super::{Shown, Views};
use crate::api::cabinet::refresh_portal;
use crate::browser;
use crate::cabinet::ages::exactly;
use crate::cabinet::data::{PortalRoom, PortalView};
use crate::cabinet::words::sentence;
use crate::data::{Content, Marks, parameter};
use crate::error::Denied;
use crate::help::Notion;
use crate::say;
use crate::sheet::{Reader, RefreshButton, Sheet, SheetData, SheetView, seen_by};
use crate::ui::{Icon, Look, Menu, what};
use crate::words::use_lang;

/// The sheet with what can be done with it.
#[component]
pub(super) fn PortalSheet(room: PortalRoom) -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let old = room.old;
    let version = old.as_ref().map(|old| old.number);
    let sheet = Sheet::provide(SheetData {
        lang,
        place: room.place,
        specification: room.specification,
        marks: None,
        trouble: None,
        waiting: false,
    });
    Effect::new(move |_| {
        sheet.come_alive(reader(shown, lang));
        Effect::new(move |before: Option<()>| {
            let mut parameters = sheet.place().parameters();
            parameters.extend(version.map(|version| (PortalView::VERSION, version.to_string())));
            if before.is_some() {
                browser::name_in_address(&parameters);
            }
        });
    });
    view! {
        <div class="sheet" on:click=move |event| sheet.on_click(&event)>
            <SheetHead is_old=version.is_some()/>
            {old.map(|old| banner(&old, &shown.member_id(), lang))}
            {move || if sheet.is_empty() && !sheet.is_waiting() {
                Either::Left(view! {
                    <div class="empty">
                        {Icon::Clock.draw()}
                        <h2 class="empty__title">{say!(lang, not_read_yet)}</h2>
                        <p>{say!(lang, not_read_cure)}</p>
                    </div>
                })
            } else {
                Either::Right(())
            }}
            <SheetView/>
        </div>
    }
}

/// Says that this is not what the portal is now.
fn banner(old: &VersionMark, member_id: &str, lang: Lang) -> impl IntoView + use<> {
    let now = format!("/portals/{member_id}");
    let moment = exactly(old.first_read_at, lang);
    view! {
        <div class="notice" role="status">
            {Icon::Clock.draw()}
            <div class="notice__words">
                <p class="notice__what">
                    {move || say!(lang, history_old, moment = moment())}
                </p>
                <p class="notice__cure">{say!(lang, history_old_cure)}</p>
            </div>
            <a class="button" href=now>{say!(lang, history_to_now)}</a>
        </div>
    }
}

#[component]
fn SheetHead(is_old: bool) -> impl IntoView {
    let lang = use_lang();
    let sheet = Sheet::get();
    let id = Shown::get().member_id();
    let facts = move || sheet.of_specification(|specification| facts(specification, lang));
    view! {
        <div class="sheet__head">
            <Views current=PortalView::Sheet/>
            <div class="head__actions" hidden=is_old>
                <RefreshButton look=Look::Plain/>
                <div hidden=move || sheet.is_empty()>
                    <Menu label=say!(lang, export_download) icon=Icon::Download look=Look::Primary>
                        {downloads(&id, lang)}
                    </Menu>
                </div>
            </div>
        </div>
        <p class="room__facts">{facts}</p>
    }
}

/// The forms of the portal's file.
fn downloads(id: &str, lang: Lang) -> impl IntoView + use<> {
    let forms = [
        ("txt", say!(lang, save_txt)),
        ("json", say!(lang, export_json)),
        ("csv", say!(lang, export_csv)),
        ("xlsx", say!(lang, export_xlsx)),
    ];
    forms.map(|(extension, label)| {
        let href = format!("/portals/{id}/specification.{extension}");
        view! { <a class="menu__item" href=href download="">{label}</a> }
    })
}

fn facts(specification: &Specification, lang: Lang) -> impl IntoView + use<> {
    let seen = seen_by(specification, lang);
    let moment = exactly(specification.reading.at, lang);
    view! {
        <span>{move || say!(lang, read_at, moment = moment())}</span>
        <span>{seen.clone()}{what(Notion::Viewer, &seen)}</span>
    }
}

/// What was read; what is new in it, the history tells.
type Read = (Arc<Specification>, Option<Marks>);

fn reader(shown: Shown, lang: Lang) -> Reader {
    Rc::new(move || Box::pin(read_to_the_end(shown, lang)))
}

async fn read_to_the_end(shown: Shown, lang: Lang) -> Result<Read, Advice> {
    loop {
        match refresh_portal(shown.member_id(), lang).await {
            Ok((Content::Pending, _)) => {}
            Ok((Content::Read(specification), card)) => {
                shown.card.set(card);
                return Ok((specification, None));
            }
            Ok((Content::Failed(trouble), card)) => {
                shown.card.set(card);
                return Err(trouble.advice(lang));
            }
            Err(Denied(denial)) => {
                if denial == Denial::SignedOut {
                    browser::go("/login");
                }
                let told = sentence(&denial, lang);
                return Err(Advice {
                    what: told.what,
                    cure: told.cure,
                });
            }
        }
    }
}

impl crate::data::Place {
    /// Its parameters; none for what is at its default.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if self.tab != crate::data::Tab::default() {
            parameters.push((parameter::TAB, self.tab.slug().to_owned()));
        }
        if !self.query.is_empty() {
            parameters.push((parameter::QUERY, self.query.clone()));
        }
        if let Some(funnel) = self.funnel {
            parameters.push((parameter::FUNNEL, funnel.to_string()));
        }
        parameters
    }
}
