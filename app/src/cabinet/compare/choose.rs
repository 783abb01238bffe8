//! Which two sides are compared: a form that works without a script.

use crmap_domain::compare::Side;
use leptos::prelude::*;

use super::room::{Asked, PortalChoice, parameter};
use crate::say;
use crate::words::use_lang;

/// The form.
#[component]
pub(super) fn Choose(portals: Vec<PortalChoice>, asked: Asked) -> impl IntoView {
    let lang = use_lang();
    let turned = (asked.left.is_some() && asked.right.is_some()).then(|| {
        let turned = Asked {
            left: asked.right.clone(),
            right: asked.left.clone(),
            ..Asked::default()
        };
        view! { <a class="button" href=turned.address("/compare")>{say!(lang, compare_swap)}</a> }
    });
    view! {
        <form class="compare-choose" action="/compare" method="get">
            <SideSelect
                name=parameter::LEFT
                label=say!(lang, compare_left)
                portals=portals.clone()
                chosen=asked.left
            />
            <SideSelect
                name=parameter::RIGHT
                label=say!(lang, compare_right)
                portals
                chosen=asked.right
            />
            <div class="compare-choose__actions">
                <button type="submit" class="button button--primary">{say!(lang, compare_do)}</button>
                {turned}
            </div>
        </form>
    }
}

/// The last reading of each portal, and the version that is there already.
#[component]
fn SideSelect(
    name: &'static str,
    label: &'static str,
    portals: Vec<PortalChoice>,
    chosen: Option<Side>,
) -> impl IntoView {
    let lang = use_lang();
    let chosen_text = chosen.as_ref().map(ToString::to_string);
    let mut options = vec![(String::new(), say!(lang, compare_choose_portal).to_owned())];
    for portal in portals {
        let version = chosen
            .as_ref()
            .filter(|side| side.member_id.as_str() == portal.id)
            .and_then(|side| side.version);
        if let Some(version) = version {
            let words = say!(lang, compare_version, number = version);
            options.push((
                format!("{}@{version}", portal.id),
                format!("{}, {words}", portal.name),
            ));
        }
        options.push((portal.id, portal.name));
    }
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| {
            let selected = chosen_text.as_deref() == Some(value.as_str());
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect();
    view! {
        <label class="choice">
            <span class="choice__label">{label}</span>
            <select name=name class="choice__select" required=true>{options}</select>
        </label>
    }
}
