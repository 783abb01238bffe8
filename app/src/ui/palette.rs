//! The palette: a box to type into and what it offers, as the ARIA pattern of a combobox with a list
//! has it: the focus stays in the box, and the keys move what is chosen. Each face says what is
//! offered and what comes of it.

use crmap_domain::Lang;
use crmap_domain::search::Query;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::dialog::close_button;
use super::{Icon, marked};
use crate::browser;
use crate::say;

/// The dialog of the palette; empty until it is opened for the first time.
const DIALOG: &str = "palette";
/// Its box.
const BOX: &str = "palette-box";
/// The dialog of the sheet of all keys, which the server writes (`document::keys`).
pub const KEYS: &str = "keys";

/// Something to choose.
#[derive(Clone)]
pub struct Offer<D> {
    /// What it is called.
    pub text: String,
    /// What tells it from others: an ID, a portal.
    pub aside: String,
    /// What kind of thing it is.
    pub kind: &'static str,
    /// What comes of choosing it.
    pub deed: D,
}

/// What a palette knows.
pub struct Palette<D: 'static> {
    /// What stands in the box.
    pub typed: RwSignal<String>,
    /// What is offered for that.
    offers: RwSignal<Vec<Offer<D>>>,
    /// Which of them Enter chooses.
    at: RwSignal<usize>,
}

impl<D> Clone for Palette<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Palette<D> {}

/// Whoever knows what a palette offers.
pub trait Guide: Copy + 'static {
    /// What comes of choosing.
    type Deed: Clone + Send + Sync + 'static;

    /// The language of the page.
    fn lang(self) -> Lang;

    /// What the box says of itself.
    fn label(self) -> &'static str;

    /// Opens the palette.
    fn open(self);

    /// Offers what answers to what is typed.
    fn seek(self, palette: Palette<Self::Deed>);

    /// Does what was chosen; the palette is closed by then.
    fn choose(self, deed: Self::Deed);
}

impl<D: Clone + Send + Sync + 'static> Palette<D> {
    /// A palette that offers nothing yet.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            typed: RwSignal::new(String::new()),
            offers: RwSignal::new(Vec::new()),
            at: RwSignal::new(0),
        }
    }

    /// Opens it, with nothing typed.
    pub fn open<G: Guide<Deed = D>>(self, guide: G) {
        if browser::is_blank(DIALOG) {
            browser::fill_with(DIALOG, move || view(self, guide));
        }
        self.seek(String::new(), guide);
        browser::show_dialog(DIALOG);
        browser::focus(BOX);
    }

    /// Offers this from now on. What was chosen by the keys stays chosen, wherever it stands by then: an
    /// answer may come between a key and the next one.
    pub fn offer(self, offers: Vec<Offer<D>>) {
        let at = self.at.get_untracked();
        let kept = self.offers.with_untracked(|known| {
            let chosen = known.get(at).filter(|_| at > 0)?;
            let is_same =
                |offer: &Offer<D>| offer.text == chosen.text && offer.aside == chosen.aside;
            offers.iter().position(is_same)
        });
        self.offers.set(offers);
        self.at.set(kept.unwrap_or(0));
    }

    fn seek<G: Guide<Deed = D>>(self, typed: String, guide: G) {
        self.typed.set(typed);
        self.at.set(0);
        guide.seek(self);
    }

    fn choose<G: Guide<Deed = D>>(self, at: usize, guide: G) {
        let chosen = self
            .offers
            .with_untracked(|offers| offers.get(at).map(|offer| offer.deed.clone()));
        if let Some(deed) = chosen {
            browser::close_dialog(DIALOG);
            guide.choose(deed);
        }
    }

    fn on_key<G: Guide<Deed = D>>(self, event: &KeyboardEvent, guide: G) {
        let count = self.offers.with_untracked(Vec::len);
        let at = self.at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => self.at.set((at + 1) % count),
            "ArrowUp" if count > 0 => self.at.set((at + count - 1) % count),
            // A key that ends the spelling of a character chooses nothing.
            "Enter" if !event.is_composing() => self.choose(at, guide),
            _ => return,
        }
        event.prevent_default();
        request_animation_frame(|| browser::reveal("#palette [aria-selected=true]"));
    }
}

/// The button that opens a palette: how it looks, what it says when it is pointed at, and what is on it.
pub fn palette_button<V: IntoView>(
    guide: impl Guide,
    class: &'static str,
    title: Option<&'static str>,
    face: V,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K"
            title=title
            on:click=move |_| guide.open()
        >
            {face}
        </button>
    }
}

/// Where the palette appears; one for a page. A frame is as high as its page, and a dialog appears at its
/// head: whoever closes it there is brought back to where they were.
pub fn place_of_palette(is_framed: bool) -> impl IntoView {
    view! {
        <dialog
            class="dialog palette"
            id=DIALOG
            aria-labelledby="palette-title"
            on:close=move |_| {
                if is_framed {
                    browser::reveal(":focus");
                }
            }
        ></dialog>
    }
}

fn view<G: Guide>(palette: Palette<G::Deed>, guide: G) -> impl IntoView {
    let lang = guide.lang();
    let at = palette.at;
    let has_offers = move || palette.offers.with(|offers| !offers.is_empty());
    let told = move || {
        let count = palette.offers.with(Vec::len);
        if palette.typed.with(String::is_empty) {
            String::new()
        } else {
            say!(lang, found_total, count = count)
        }
    };
    let on_click = move |event: leptos::ev::MouseEvent| {
        let chosen = browser::click_data(&event, "offer");
        if let Some(at) = chosen.and_then(|(at, _)| at.parse().ok()) {
            palette.choose(at, guide);
        }
    };
    view! {
        <h2 class="off-screen" id="palette-title">{say!(lang, palette_title)}</h2>
        <div class="search palette__box">
            {Icon::Search.draw()}
            <input
                id=BOX
                class="search__input"
                type="text"
                role="combobox"
                aria-expanded=move || if has_offers() { "true" } else { "false" }
                aria-controls="palette-list"
                aria-autocomplete="list"
                aria-activedescendant=move || has_offers().then(|| format!("offer-{}", at.get()))
                aria-label=guide.label()
                placeholder=guide.label()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                enterkeyhint="go"
                maxlength="200"
                prop:value=move || palette.typed.get()
                on:input:target=move |event| palette.seek(event.target().value(), guide)
                on:keydown=move |event| palette.on_key(&event, guide)
            />
            {close_button(DIALOG, lang)}
        </div>
        <div
            class="palette__list"
            id="palette-list"
            role="listbox"
            aria-labelledby="palette-title"
            on:click=on_click
        >
            {move || options(palette)}
        </div>
        <p class="palette__nothing" hidden=has_offers>
            {move || say!(lang, nothing_found, query = palette.typed.get())}
        </p>
        <p class="off-screen" role="status">{told}</p>
        {foot(lang)}
    }
}

/// The keys of the palette, and the way to all others.
fn foot(lang: Lang) -> impl IntoView {
    view! {
        <p class="palette__foot">
            <span>{say!(lang, palette_keys)}</span>
            <button type="button" class="palette__all" on:click=move |_| show_keys()>
                {say!(lang, keys_title)}
                <kbd>"?"</kbd>
            </button>
        </p>
    }
}

fn options<D: Clone + Send + Sync + 'static>(palette: Palette<D>) -> impl IntoView {
    let at = palette.at;
    let query = palette.typed.with_untracked(|typed| Query::parse(typed));
    let option = |(index, offer): (usize, &Offer<D>)| {
        view! {
            <div
                class="offer"
                role="option"
                id=format!("offer-{index}")
                data-offer=index.to_string()
                aria-selected=move || if at.get() == index { "true" } else { "false" }
            >
                <span class="offer__text">{marked(&offer.text, &query)}</span>
                " "
                <span class="offer__aside">{marked(&offer.aside, &query)}</span>
                " "
                <span class="offer__kind">{offer.kind}</span>
            </div>
        }
    };
    palette
        .offers
        .with(|offers| offers.iter().enumerate().map(option).collect_view())
}

/// Shows the sheet of all keys instead of the palette.
pub fn show_keys() {
    browser::close_dialog(DIALOG);
    browser::show_dialog(KEYS);
}
