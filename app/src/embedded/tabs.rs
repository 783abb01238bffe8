//! The tabs: one for each section, with the number of its rows or of its hits.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::state::Embedded;
use crate::browser;
use crate::data::Tab;
use crate::say;
use crate::words::use_lang;

/// The row of tabs.
#[component]
pub(super) fn TabBar() -> impl IntoView {
    let state = Embedded::get();
    let lang = use_lang();
    view! {
        <div class="tabs" role="tablist" aria-label=say!(lang, tabs_label) on:keydown=move |event| step(state, &event)>
            {move || {
                Tab::ALL
                    .into_iter()
                    .filter(|tab| is_offered(state, *tab))
                    .map(|tab| view! { <TabButton tab/> })
                    .collect_view()
            }}
        </div>
    }
}

fn is_offered(state: Embedded, tab: Tab) -> bool {
    state.loaded.with(|loaded| {
        loaded
            .as_ref()
            .map_or(tab != Tab::LeadFields, |loaded| loaded.has(tab))
    })
}

#[component]
fn TabButton(tab: Tab) -> impl IntoView {
    let state = Embedded::get();
    let lang = use_lang();
    let selected = move || state.tab.get() == tab;
    let count = move || {
        let query = state.search();
        state.loaded.with(|loaded| {
            loaded
                .as_ref()
                .map(|loaded| match loaded.count_hits(tab, &query) {
                    Some(count) => count.to_string(),
                    None => "—".to_owned(),
                })
        })
    };
    view! {
        <button
            type="button"
            role="tab"
            class="tab"
            id=format!("tab-{}", tab.slug())
            aria-controls="panel"
            aria-selected=move || if selected() { "true" } else { "false" }
            tabindex=move || if selected() { "0" } else { "-1" }
            on:click=move |_| state.go(tab, None)
        >
            {tab_name(tab, lang)}
            <span class="tab__count">{count}</span>
        </button>
    }
}

/// A section's name.
pub(super) fn tab_name(tab: Tab, lang: crmap_domain::Lang) -> &'static str {
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
fn step(state: Embedded, event: &KeyboardEvent) {
    let tabs: Vec<Tab> = Tab::ALL
        .into_iter()
        .filter(|tab| untrack(|| is_offered(state, *tab)))
        .collect();
    let Some(at) = tabs
        .iter()
        .position(|tab| *tab == state.tab.get_untracked())
    else {
        return;
    };
    let to = match event.key().as_str() {
        "ArrowRight" => (at + 1) % tabs.len(),
        "ArrowLeft" => (at + tabs.len() - 1) % tabs.len(),
        "Home" => 0,
        "End" => tabs.len() - 1,
        _ => return,
    };
    event.prevent_default();
    state.go(tabs[to], None);
    request_animation_frame(browser::focus_first_tab_sibling);
}
