//! The palette of the page inside a portal: its sections, its rows, and what can be done here.

use crmap_domain::Lang;
use crmap_domain::search::choice::Choice;
use crmap_domain::search::fleet::other_layout;
use crmap_domain::search::key;
use leptos::prelude::*;

use super::settings;
use super::state::Embedded;
use crate::browser::{self, Shortcut};
use crate::data::Tab;
use crate::say;
use crate::sheet::{FoundRow, Row, Sheet, tab_name};
use crate::ui::{Guide, Icon, Offer, Palette, palette_button, show_keys};
use crate::words::use_lang;

/// How many rows of a section are offered.
const MOST: usize = 6;

/// What prints the open section.
const PRINT: &str = "[data-print]";

/// What comes of choosing.
#[derive(Clone)]
pub(super) enum Deed {
    Go(Tab),
    Show(Row),
    Do(Action),
}

/// What can be done with the page.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Refresh,
    /// Presses what the page has for it.
    Press(&'static str),
    Settings,
    Keys,
}

/// Leads through the page.
#[derive(Clone, Copy)]
pub(super) struct Leader {
    sheet: Sheet,
    state: Embedded,
    palette: Palette<Deed>,
}

impl Leader {
    /// Makes the palette of the page and gives it to everything below.
    pub(super) fn provide(state: Embedded) -> Self {
        let leader = Self {
            sheet: Sheet::get(),
            state,
            palette: Palette::empty(),
        };
        provide_context(leader);
        leader
    }

    /// Once hydrated: listens for the page's own keys.
    pub(super) fn come_alive(self) {
        browser::on_shortcut(move |shortcut| match shortcut {
            Shortcut::Search => browser::focus("search"),
            Shortcut::Keys => show_keys(),
            Shortcut::Palette => self.open(),
        });
    }

    /// Sections and actions whose names answer, the best first.
    fn pages(self, choice: &Choice) -> Vec<Offer<Deed>> {
        let lang = self.state.lang;
        let section = say!(lang, palette_section);
        let tabs = self
            .sheet
            .tabs()
            .map(|tab| (tab_name(tab, lang), section, Deed::Go(tab)));
        let action = say!(lang, palette_action);
        let actions = [
            (say!(lang, refresh), Action::Refresh),
            (say!(lang, save_txt), Action::Press("[data-save] button")),
            (say!(lang, print), Action::Press(PRINT)),
            (say!(lang, settings), Action::Settings),
            (say!(lang, keys_title), Action::Keys),
        ];
        // Without a table there is nothing to print.
        let is_printable = browser::is_there("#panel .table");
        let actions = actions.into_iter();
        let actions =
            actions.filter(|(_, deed)| is_printable || !matches!(deed, Action::Press(PRINT)));
        let actions = actions.map(|(name, deed)| (name, action, Deed::Do(deed)));
        let mut answers: Vec<_> = tabs
            .chain(actions)
            .filter_map(|page| Some((choice.answer(&key(page.0))?, page)))
            .collect();
        answers.sort_by_key(|(answer, _)| *answer);
        let offer = |(_, (name, kind, deed)): (_, (&str, _, _))| Offer {
            text: name.to_owned(),
            aside: String::new(),
            kind,
            deed,
        };
        answers.into_iter().map(offer).collect()
    }

    /// Rows that answer to what is typed, or else to what the same keys give in the other language.
    fn rows(self, typed: &str) -> Vec<FoundRow> {
        let found = self.sheet.find(typed, MOST);
        if found.is_empty()
            && let Some(meant) = other_layout(typed)
        {
            return self.sheet.find(&meant, MOST);
        }
        found
    }
}

impl Guide for Leader {
    type Deed = Deed;

    fn lang(self) -> Lang {
        self.state.lang
    }

    fn label(self) -> &'static str {
        say!(self.state.lang, palette_box_here)
    }

    fn open(self) {
        self.palette.open(self);
    }

    fn seek(self, palette: Palette<Deed>) {
        let typed = palette.typed.get_untracked();
        let choice = Choice::parse(&typed);
        let mut offers = self.pages(&choice);
        if !choice.is_empty() {
            offers.extend(self.rows(&typed).into_iter().map(|found| Offer {
                text: found.label,
                aside: found.id,
                kind: tab_name(found.row.tab, self.state.lang),
                deed: Deed::Show(found.row),
            }));
        }
        palette.offer(offers);
    }

    fn choose(self, deed: Deed) {
        match deed {
            Deed::Go(tab) => {
                self.sheet.go(tab, None);
                request_animation_frame(browser::focus_first_tab_sibling);
            }
            Deed::Show(row) => self.sheet.show(row),
            Deed::Do(Action::Refresh) => self.sheet.refresh(),
            Deed::Do(Action::Press(selector)) => {
                browser::press(selector);
            }
            Deed::Do(Action::Settings) => settings::open(self.state),
            Deed::Do(Action::Keys) => show_keys(),
        }
    }
}

/// The button that opens the palette; an icon alone, since the head of the page has little room.
#[component]
pub(super) fn PaletteButton() -> impl IntoView {
    let lang = use_lang();
    let leader = expect_context::<Leader>();
    let face = view! {
        {Icon::Command.draw()}
        <span class="off-screen">{say!(lang, palette_open)}</span>
    };
    let hint = say!(lang, palette_hint);
    palette_button(leader, "palette-tool", Some(hint), face)
}
