//! Tags of all picked portals, put on and taken off in one dialog.

use std::collections::BTreeMap;

use crmap_domain::MemberId;
use crmap_domain::cabinet::{TagChange, Tagged};
use leptos::prelude::*;

use super::bulk::FORM;
use super::fleet::Fleet;
use crate::api::fleet::tag_portals;
use crate::browser;
use crate::cabinet::actions::FormActions;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Dialog, Field, Icon, Kind, Notice, Tone};
use crate::words::use_lang;

const DIALOG: &str = "tags-dialog";
const ADD: &str = "tags-add";

/// Opens the dialog.
pub(super) fn open() {
    browser::show_dialog(DIALOG);
}

/// The dialog.
#[component]
pub(super) fn TagDialog() -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let sending = Sending::new(lang, None);
    // Tags that are to be taken off, in small letters.
    let off = RwSignal::new(Vec::<String>::new());
    let full = RwSignal::new(Vec::<MemberId>::new());
    let send = sending.on_submit(
        move |typed| {
            let change = TagChange {
                add: typed.take(ADD).split(',').map(str::to_owned).collect(),
                remove: off.get_untracked(),
            };
            Ok(tag_portals(fleet.picked_ids(), change))
        },
        move |tagged: Tagged| {
            off.set(Vec::new());
            full.set(tagged.full.clone());
            let count = tagged.tags.len() - tagged.full.len();
            show(fleet, tagged);
            if full.with_untracked(Vec::is_empty) {
                browser::fill(ADD, "");
                browser::close_dialog(DIALOG);
                fleet.tell(say!(lang, fleet_kept, count = count), FORM);
            }
        },
    );
    view! {
        <Dialog id=DIALOG title=say!(lang, fleet_tags_title)>
            <p>{move || say!(lang, fleet_picked, count = fleet.picked.with(Vec::len))}</p>
            <SendingTrouble sending/>
            {move || full_notice(fleet, &full.get())}
            <form class="fields" method="dialog" on:submit=send>
                <Field
                    name=ADD
                    label=say!(lang, fleet_tags_add)
                    kind=Kind::Text
                    autocomplete="off"
                    hint=say!(lang, field_tags_hint)
                    flaw=sending.flaw("label")
                    most=900
                />
                <TakeOff off/>
                <FormActions dialog=DIALOG label=say!(lang, save) sending class="button button--primary"/>
            </form>
        </Dialog>
    }
}

/// The tags that the picked portals have, each with a box that takes it off.
#[component]
fn TakeOff(off: RwSignal<Vec<String>>) -> impl IntoView {
    let lang = use_lang();
    let fleet = Fleet::get();
    let known = Memo::new(move |_| tags_of_picked(fleet));
    let boxes = move || {
        let known = known.get();
        known
            .into_iter()
            .map(|(key, tag, count)| {
                let is_off = off.with(|off| off.contains(&key));
                let turn = move |_| {
                    off.update(|off| {
                        if let Some(place) = off.iter().position(|known| *known == key) {
                            off.swap_remove(place);
                        } else {
                            off.push(key.clone());
                        }
                    });
                };
                view! {
                    <label class="take-off__tag">
                        <input type="checkbox" class="pick" prop:checked=is_off on:change=turn/>
                        <span>{format!("{tag} · {count}")}</span>
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset class="take-off" hidden=move || known.with(Vec::is_empty)>
            <legend class="field__label">{say!(lang, fleet_tags_remove)}</legend>
            <div class="take-off__tags">{boxes}</div>
        </fieldset>
    }
}

/// In small letters, as it is written, and on how many portals.
fn tags_of_picked(fleet: Fleet) -> Vec<(String, String, usize)> {
    let picked = fleet.picked.get();
    let mut tags = BTreeMap::new();
    fleet.portals.with(|portals| {
        let cards = portals
            .iter()
            .filter(|card| picked.contains(&card.member_id));
        for tag in cards.flat_map(|card| &card.description.tags) {
            let known = tags
                .entry(tag.to_lowercase())
                .or_insert_with(|| (tag.clone(), 0));
            known.1 += 1;
        }
    });
    let tags = tags.into_iter();
    tags.map(|(key, (tag, count))| (key, tag, count)).collect()
}

fn show(fleet: Fleet, tagged: Tagged) {
    fleet.portals.update(|portals| {
        for (member_id, tags) in tagged.tags {
            if let Some(card) = portals.iter_mut().find(|card| card.member_id == member_id) {
                card.description.tags = tags;
            }
        }
    });
}

/// The portals that would have too many tags.
fn full_notice(fleet: Fleet, full: &[MemberId]) -> Option<impl IntoView + use<>> {
    let lang = fleet.lang;
    (!full.is_empty()).then(|| {
        let names = fleet.names_of(full).join(", ");
        view! {
            <Notice
                tone=Tone::Trouble
                icon=Icon::Alert
                what=say!(lang, fleet_tags_full, names = names)
                cure=say!(lang, fleet_tags_full_cure)
            />
        }
    })
}
