//! The palette of a cabinet: it goes to any portal, any section of one, any row of all of them, and
//! does what the cabinet can do. Portals are asked for once, when it is opened; rows come from the
//! search over all portals, in pauses of typing.

mod offers;

use std::time::Duration;

use crmap_domain::Lang;
use crmap_domain::cabinet::{Denial, Found, FoundIn, RunOf};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::search::{BOX, address, kind_of};
use crate::api::cabinet::find;
use crate::api::fleet::{portal_cards, start_run};
use crate::browser::{self, Shortcut};
use crate::data::Theme;
use crate::error::Denied;
use crate::say;
use crate::ui::{Guide, Icon, Offer, Palette, palette_button, show_keys};
use crate::words::use_lang;

use offers::Atlas;

/// How long a pause in typing is before the server is asked.
const PAUSE: Duration = Duration::from_millis(200);
/// How many rows are offered, and of one portal.
const ROWS: usize = 9;
const ROWS_OF_ONE: usize = 3;

/// What the button says of its keys.
const KEYS: &str = "Ctrl K";

/// What comes of choosing.
#[derive(Clone)]
pub(super) enum Deed {
    /// Goes to a page, or downloads a file.
    Go(String),
    /// Presses what the page has for it.
    Press(&'static str),
    /// Has all portals read anew.
    RefreshAll,
    /// Shows the sheet of keys.
    Keys,
}

/// Leads through the cabinet.
#[derive(Clone, Copy)]
pub(super) struct Leader {
    lang: Lang,
    palette: Palette<Deed>,
    atlas: StoredValue<Atlas>,
    /// Whether the portals were asked for.
    is_asked: StoredValue<bool>,
    /// The rows that answer to what is typed, as far as they have come.
    rows: StoredValue<Vec<Offer<Deed>>>,
    /// Counts what was typed, so that a late answer to what was typed before is dropped.
    turn: StoredValue<u32>,
}

impl Leader {
    /// Makes the palette of a page and gives it to everything below.
    pub(super) fn provide(address: &str, theme: Theme) {
        let lang = use_lang();
        provide_context(Self {
            lang,
            palette: Palette::empty(),
            atlas: StoredValue::new(Atlas::new(lang, address, theme)),
            is_asked: StoredValue::new(false),
            rows: StoredValue::new(Vec::new()),
            turn: StoredValue::new(0),
        });
    }

    /// Once hydrated: listens for the page's own keys.
    fn come_alive(self) {
        browser::keep_single_keys();
        browser::on_shortcut(move |shortcut| match shortcut {
            Shortcut::Palette => self.open(),
            Shortcut::Keys => show_keys(),
            Shortcut::Search => {
                if !browser::focus_first(&format!("#{BOX}")) {
                    browser::go("/search");
                }
            }
        });
    }

    /// Without an answer the palette offers what it knows, and asks again when it is opened again.
    async fn ask_for_portals(self) {
        match portal_cards().await {
            Ok(cards) => {
                self.atlas.update_value(|atlas| atlas.know(cards.portals));
                self.offer();
            }
            Err(denied) => {
                self.is_asked.set_value(false);
                leave_if_signed_out(&denied);
            }
        }
    }

    /// Offers what the page knows, then the rows of all portals, and last the search for whatever is
    /// typed.
    fn offer(self) {
        let typed = self.palette.typed.get_untracked();
        let typed = typed.trim();
        let mut offers = self.atlas.with_value(|atlas| atlas.offers(typed));
        offers.extend(self.rows.get_value());
        if !typed.is_empty() {
            offers.push(Offer {
                text: say!(self.lang, palette_everywhere, query = typed.to_owned()),
                aside: String::new(),
                kind: say!(self.lang, find_menu),
                deed: Deed::Go(address::of_search(typed, None)),
            });
        }
        self.palette.offer(offers);
    }

    async fn ask_for_rows(self, typed: String, turn: u32) {
        browser::sleep(PAUSE).await;
        if self.turn.get_value() != turn {
            return;
        }
        let answer = find(typed, None).await;
        if self.turn.get_value() != turn {
            return;
        }
        match answer {
            Ok(found) => {
                self.rows.set_value(self.best_of(&found));
                self.offer();
            }
            Err(denied) => leave_if_signed_out(&denied),
        }
    }

    /// The best rows, those of the page's own portal first.
    fn best_of(self, found: &Found) -> Vec<Offer<Deed>> {
        let mut groups: Vec<&FoundIn> = found.groups.iter().collect();
        self.atlas.with_value(|atlas| {
            groups.sort_by_key(|group| atlas.here() != Some(group.member_id.as_str()));
        });
        let rows = groups
            .into_iter()
            .flat_map(|group| rows_of(group, self.lang));
        rows.take(ROWS).collect()
    }
}

impl Guide for Leader {
    type Deed = Deed;

    fn lang(self) -> Lang {
        self.lang
    }

    fn label(self) -> &'static str {
        say!(self.lang, palette_box)
    }

    fn open(self) {
        self.atlas.update_value(Atlas::prepare);
        self.palette.open(self);
        if !self.is_asked.get_value() {
            self.is_asked.set_value(true);
            spawn_local(self.ask_for_portals());
        }
    }

    fn seek(self, palette: Palette<Deed>) {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.rows.set_value(Vec::new());
        self.offer();
        let typed = palette.typed.get_untracked();
        if !typed.trim().is_empty() {
            spawn_local(self.ask_for_rows(typed, turn));
        }
    }

    fn choose(self, deed: Deed) {
        match deed {
            Deed::Go(address) => browser::go(&address),
            Deed::Press(selector) => {
                browser::press(selector);
            }
            Deed::RefreshAll => refresh_all(),
            Deed::Keys => show_keys(),
        }
    }
}

/// On the dashboard by its own button, so that what is picked there stays.
fn refresh_all() {
    if browser::press("#refresh-all button") {
        return;
    }
    spawn_local(async {
        match start_run(RunOf::All).await {
            Ok(_) => browser::go("/dashboard"),
            Err(denied) => leave_if_signed_out(&denied),
        }
    });
}

fn leave_if_signed_out(denied: &Denied) {
    if denied.0 == Denial::SignedOut {
        browser::go("/login");
    }
}

fn rows_of(group: &FoundIn, lang: Lang) -> impl Iterator<Item = Offer<Deed>> + use<'_> {
    let name = if group.label.is_empty() {
        &group.address
    } else {
        &group.label
    };
    group.hits.iter().take(ROWS_OF_ONE).map(move |hit| Offer {
        text: if hit.item.label.is_empty() {
            say!(lang, no_label).to_owned()
        } else {
            hit.item.label.clone()
        },
        aside: format!("{} · {name}", hit.item.id),
        kind: kind_of(hit.item.kind, lang),
        deed: Deed::Go(address::of_hit(&group.member_id, hit)),
    })
}

/// What opens the palette and the sheet of keys.
#[component]
pub(super) fn PaletteButtons() -> impl IntoView {
    let lang = use_lang();
    let leader = expect_context::<Leader>();
    Effect::new(move |_| leader.come_alive());
    let face = view! {
        {Icon::Search.draw()}
        <span class="palette-open__word">{say!(lang, palette_open)}</span>
        <kbd class="palette-open__key" aria-hidden="true">{KEYS}</kbd>
    };
    view! {
        {palette_button(leader, "palette-open", None, face)}
        <button
            type="button"
            class="tool keys-open"
            aria-haspopup="dialog"
            aria-keyshortcuts="?"
            aria-label=say!(lang, keys_title)
            title=say!(lang, keys_title)
            on:click=move |_| show_keys()
        >
            <kbd aria-hidden="true">"?"</kbd>
        </button>
    }
}
