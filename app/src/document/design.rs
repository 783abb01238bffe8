//! `/design`, in development builds: every component of the library in each of its states, light and
//! dark, so that a change to one can be looked at in one place.

use crmap_domain::Lang;
use crmap_domain::search::Query;
use leptos::prelude::*;

use super::{Frame, Head, Life, document};
use crate::data::Theme;
use crate::ui::{
    self, Badge, Brand, Button, Column, Dialog, Field, Icon, Kind, Look, Menu, Notice, Shade, Tone,
    copyable, provide_toast,
};
use crate::words::provide_lang;

/// The page of the component library.
#[must_use]
pub fn design(frame: Frame<'_>) -> String {
    let head = Head {
        lang: Lang::En,
        title: "Design — CRMAP",
        life: Life::Shown,
        theme: Theme::Auto,
    };
    document(head, frame, || view! { <DesignPage/> })
}

#[component]
fn DesignPage() -> impl IntoView {
    provide_lang(Lang::En);
    provide_toast();
    view! {
        <main class="design">
            <h1 class="room__title">"Components"</h1>
            <p class="faint">
                "The library of app/src/ui, with the styles of style/ui.css and style/cabinet/forms.css."
            </p>
            <div class="design__halves">
                {[Theme::Light, Theme::Dark].map(|theme| view! {
                    <div class="design__half" data-theme=theme.code()><Library theme/></div>
                })}
            </div>
        </main>
    }
}

/// A component with its name.
#[component]
fn Sample<C: IntoView + 'static>(
    name: &'static str,
    /// When to take it.
    about: &'static str,
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <section class="design__sample">
            <h2 class="part__title">{name}</h2>
            <p class="faint">{about}</p>
            <div class="design__row">{children.into_inner()()}</div>
        </section>
    }
}

#[component]
fn Library(theme: Theme) -> impl IntoView {
    view! {
        <Sample name="Brand" about="At the top of pages that stand alone."><Brand/></Sample>
        <Buttons/>
        <Fields theme/>
        <Words/>
        <Sections theme/>
        <Overlays theme/>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let button = |look, label: &'static str, disabled| {
        view! { <Button look label=label disabled=Signal::stored(disabled) on_press=|_| {}/> }
    };
    let icons = [
        Icon::Alert,
        Icon::Download,
        Icon::Gear,
        Icon::Search,
        Icon::Cross,
        Icon::Refresh,
        Icon::Clock,
        Icon::Lock,
        Icon::Check,
        Icon::Eye,
        Icon::Copy,
        Icon::Door,
        Icon::Tiles,
        Icon::Person,
        Icon::Theme,
        Icon::Globe,
        Icon::Chain,
        Icon::Pencil,
        Icon::Screen,
    ];
    view! {
        <Sample name="Button" about="One primary for a view; danger for what cannot be undone.">
            {button(Look::Primary, "Primary", false)}
            {button(Look::Plain, "Plain", false)}
            {button(Look::Quiet, "Quiet", false)}
            {button(Look::Danger, "Danger", false)}
            {button(Look::Primary, "Disabled", true)}
        </Sample>
        <Sample name="Icon" about="Beside words, or with a name of its own for screen readers.">
            {icons.map(Icon::draw).into_iter().collect_view()}
        </Sample>
    }
}

#[component]
fn Fields(theme: Theme) -> impl IntoView {
    let flaw = |words: Option<&'static str>| Signal::stored(words.map(str::to_owned));
    // Ids are once in a page.
    let [text, secret, wrong] = match theme {
        Theme::Dark => ["text-dark", "secret-dark", "wrong-dark"],
        Theme::Auto | Theme::Light => ["text", "secret", "wrong"],
    };
    view! {
        <Sample name="Field" about="A label, the input, a hint, and what is wrong.">
            <Field
                name=text
                label="Name"
                kind=Kind::Text
                autocomplete="off"
                value="Ivan"
                hint="As colleagues call you"
                flaw=flaw(None)
            />
            <Field name=secret label="Password" kind=Kind::Password autocomplete="off" flaw=flaw(None)/>
            <Field
                name=wrong
                label="Email"
                kind=Kind::Email
                autocomplete="off"
                value="ivan"
                flaw=flaw(Some("This does not look like an email address."))
            />
        </Sample>
    }
}

#[component]
fn Words() -> impl IntoView {
    view! {
        <Sample name="Badge" about="A word about a thing; the colour never says anything alone.">
            <Badge shade=Shade::Plain word="Plain"/>
            <Badge shade=Shade::Good word="Good"/>
            <Badge shade=Shade::Warning word="Warning"/>
            <Badge shade=Shade::Bad word="Bad"/>
        </Sample>
        <Sample name="Code" about="An identifier; a click copies it.">
            {copyable("C7:NEW", &Query::parse("new"))}
        </Sample>
        <Sample name="Notice" about="What happened and what to do, where it matters.">
            <Notice tone=Tone::Calm icon=Icon::Check what="Saved" cure="You can close the tab."/>
            <Notice
                tone=Tone::Trouble
                icon=Icon::Alert
                what="The portal does not answer"
                cure="Try again in a minute."
                action=("Try again", Callback::new(|_| {}))
            />
        </Sample>
    }
}

#[component]
fn Sections(theme: Theme) -> impl IntoView {
    let columns = [
        Column::of_ids("ID"),
        Column::of("Name"),
        Column::of_numbers("Sort"),
    ];
    let body = view! {
        <tbody>
            <tr><td class="id">"7"</td><td class="name">"Sales"</td><td class="number">"100"</td></tr>
            <tr><td class="id">"9"</td><td class="name">"Service"</td><td class="number">"200"</td></tr>
        </tbody>
    };
    let [first, second] = match theme {
        Theme::Dark => ["first-dark", "second-dark"],
        Theme::Auto | Theme::Light => ["first", "second"],
    };
    let tab = |slug, label, selected| {
        view! {
            <ui::Tab
                slug
                label
                count=Signal::stored(Some("12".to_owned()))
                selected=Signal::stored(selected)
                on_select=|()| {}
            />
        }
    };
    view! {
        <Sample name="Tabs" about="Sections of which one is shown.">
            <div class="tabs" role="tablist" aria-label="Sections">
                {tab(first, "Funnels", true)}
                {tab(second, "Stages", false)}
            </div>
        </Sample>
        <Sample name="Table" about="Real tables; cards on a phone.">
            {ui::table("table", "Funnels", &columns, body)}
        </Sample>
        <Sample name="Skeleton" about="While something is being read.">
            <div class="skeleton design__wide" aria-hidden="true">
                {(0..3).map(|_| view! { <div class="skeleton__row"></div> }).collect_view()}
            </div>
        </Sample>
    }
}

#[component]
fn Overlays(theme: Theme) -> impl IntoView {
    let dialog = match theme {
        Theme::Dark => "dialog-dark",
        Theme::Auto | Theme::Light => "dialog-light",
    };
    view! {
        <Sample name="Menu" about="A few things to choose, behind a button.">
            <Menu label="Language" icon=Icon::Globe look=Look::Quiet>
                <button type="button" class="menu__item" aria-current="true">"English"</button>
                <button type="button" class="menu__item">"Русский"</button>
            </Menu>
            <Menu label="Download" icon=Icon::Download look=Look::Primary>
                <a class="menu__item" href="/design">"CSV: one table"</a>
            </Menu>
        </Sample>
        <Sample name="Dialog" about="Only for what must be confirmed or typed.">
            <Dialog id=dialog title="Log out of the cabinet?">
                <p>"The linked portals stay where they are."</p>
                <div class="dialog__actions">
                    <Button look=Look::Plain label="Stay" on_press=|_| {}/>
                    <Button look=Look::Primary label="Log out" on_press=|_| {}/>
                </div>
            </Dialog>
        </Sample>
        <Sample name="Toast" about="What was just done, beside where it was done.">
            <div class="toast">"Copied: C7:NEW"</div>
        </Sample>
    }
}
