//! What a cabinet's owner writes on a portal: a name, tags, a colour, a note.

use crmap_domain::cabinet::{Description, Mark};
use leptos::prelude::*;

use super::{Shown, tell};
use crate::api::cabinet::describe_portal;
use crate::browser::{self, Values};
use crate::cabinet::actions::FormActions;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Dialog, Field, Kind, use_toast};
use crate::words::use_lang;

const DIALOG: &str = "describe-dialog";

/// Opens the dialog.
pub(super) fn open() {
    browser::show_dialog(DIALOG);
}

/// The dialog.
#[component]
pub(super) fn DescribeDialog() -> impl IntoView {
    let lang = use_lang();
    let shown = Shown::get();
    let toast = use_toast();
    let sending = Sending::new(lang, None);
    let first = shown.description.get_untracked();
    let send = sending.on_submit(
        move |values| Ok(describe_portal(shown.member_id(), typed(values))),
        move |kept| {
            shown.description.set(kept);
            browser::close_dialog(DIALOG);
            tell(toast, say!(lang, described), "describe");
        },
    );
    view! {
        <Dialog id=DIALOG title=say!(lang, describe_title)>
            <SendingTrouble sending/>
            <form class="fields" method="dialog" on:submit=send>
                <Field
                    name="label"
                    label=say!(lang, field_label)
                    kind=Kind::Text
                    autocomplete="off"
                    value=first.label
                    hint=say!(lang, field_label_hint)
                    flaw=sending.flaw("label")
                    most=80
                />
                <Field
                    name="tags"
                    label=say!(lang, field_tags)
                    kind=Kind::Text
                    autocomplete="off"
                    value=first.tags.join(", ")
                    hint=say!(lang, field_tags_hint)
                    flaw=sending.flaw("tags")
                    most=900
                />
                <Marks first=first.mark/>
                <div class="field">
                    <label class="field__label" for="note">{say!(lang, field_note)}</label>
                    <textarea
                        id="note"
                        name="note"
                        class="field__input field__input--tall"
                        rows="4"
                        maxlength="2000"
                        prop:value=first.note
                    ></textarea>
                </div>
                <FormActions dialog=DIALOG label=say!(lang, save) sending class="button button--primary"/>
            </form>
        </Dialog>
    }
}

#[component]
fn Marks(first: Option<Mark>) -> impl IntoView {
    let lang = use_lang();
    let choice = |mark: Option<Mark>| {
        let code = mark.map_or("", Mark::code);
        let name = mark.map_or_else(|| say!(lang, mark_none), |mark| mark_name(mark, lang));
        let class = format!(
            "portal__mark portal__mark--{}",
            if code.is_empty() { "none" } else { code }
        );
        view! {
            <label class="marks__choice" title=name>
                <input
                    type="radio"
                    name="mark"
                    class="marks__input"
                    value=code
                    checked=mark == first
                    aria-label=name
                />
                <span class=class aria-hidden="true"></span>
            </label>
        }
    };
    view! {
        <fieldset class="marks">
            <legend class="field__label">{say!(lang, field_mark)}</legend>
            <div class="marks__row">
                {choice(None)}
                {Mark::ALL.map(|mark| choice(Some(mark)))}
            </div>
        </fieldset>
    }
}

fn mark_name(mark: Mark, lang: crmap_domain::Lang) -> &'static str {
    match mark {
        Mark::Red => say!(lang, mark_red),
        Mark::Orange => say!(lang, mark_orange),
        Mark::Yellow => say!(lang, mark_yellow),
        Mark::Green => say!(lang, mark_green),
        Mark::Teal => say!(lang, mark_teal),
        Mark::Blue => say!(lang, mark_blue),
        Mark::Violet => say!(lang, mark_violet),
        Mark::Pink => say!(lang, mark_pink),
    }
}

fn typed(values: &Values) -> Description {
    Description {
        label: values.take("label"),
        note: values.take("note"),
        mark: Mark::from_code(&values.take("mark")),
        tags: values.take("tags").split(',').map(str::to_owned).collect(),
    }
}
