//! The tabs: one for each section, with the number of its rows or of its hits.

use crmap_domain::words::number;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::state::Sheet;
use crate::browser;
use crate::data::Tab;
use crate::say;
use crate::ui;
use crate::words::use_lang;

/// The row of tabs.
#[component]
pub(super) fn TabBar() -> impl IntoView {
    let sheet = Sheet::get();
    let lang = use_lang();
    view! {
        <div class="tabs" role="tablist" aria-label=say!(lang, tabs_label) on:keydown=move |event| step(sheet, &event)>
            {move || {
                Tab::ALL
                    .into_iter()
                    .filter(|tab| is_offered(sheet, *tab))
                    .map(|tab| view! { <TabButton tab/> })
                    .collect_view()
            }}
        </div>
    }
}

/// Whether the portal has the section.
pub(super) fn is_offered(sheet: Sheet, tab: Tab) -> bool {
    sheet.loaded.with(|loaded| {
        loaded
            .as_ref()
            .map_or(tab != Tab::LeadFields, |loaded| loaded.has(tab))
    })
}

#[component]
fn TabButton(tab: Tab) -> impl IntoView {
    let sheet = Sheet::get();
    let lang = use_lang();
    let count = move || {
        let query = sheet.search();
        sheet.loaded.with(|loaded| {
            loaded
                .as_ref()
                .map(|loaded| match loaded.count_hits(tab, &query) {
                    Some(count) => number(count as u64, lang),
                    None => "—".to_owned(),
                })
        })
    };
    // A new reading draws the whole row of tabs anew.
    let news = sheet.loaded.with_untracked(|loaded| {
        let marks = loaded.as_ref()?.marks.as_ref()?.tabs.get(tab.index())?;
        (!marks.rows.is_empty())
            .then(|| (number(marks.rows.len() as u64, lang), marks.told.clone()))
    });
    view! {
        <ui::Tab
            slug=tab.slug()
            news=news
            label=tab_name(tab, lang)
            count=Signal::derive(count)
            selected=Signal::derive(move || sheet.tab.get() == tab)
            on_select=move |()| sheet.go(tab, None)
        />
    }
}

/// A section's name.
pub(crate) fn tab_name(tab: Tab, lang: crmap_domain::Lang) -> &'static str {
    match tab {
        Tab::Funnels => say!(lang, tab_funnels),
        Tab::Stages => say!(lang, tab_stages),
        Tab::DealFields => say!(lang, tab_deal_fields),
        Tab::ContactFields => say!(lang, tab_contact_fields),
        Tab::CompanyFields => say!(lang, tab_company_fields),
        Tab::LeadFields => say!(lang, tab_lead_fields),
        Tab::Users => say!(lang, tab_users),
    }
}

/// Arrow keys walk along the tabs, as the ARIA pattern of tabs has it.
fn step(sheet: Sheet, event: &KeyboardEvent) {
    let tabs: Vec<Tab> = sheet.tabs().collect();
    let Some(at) = tabs
        .iter()
        .position(|tab| *tab == sheet.tab.get_untracked())
    else {
        return;
    };
    let Some(to) = ui::step(&event.key(), at, tabs.len()) else {
        return;
    };
    event.prevent_default();
    sheet.go(tabs[to], None);
    request_animation_frame(browser::focus_first_tab_sibling);
}
