//! A version with its changes.

use crmap_domain::Lang;
use crmap_domain::cabinet::VersionMark;
use crmap_domain::change::Change;
use leptos::prelude::*;

use crate::cabinet::ages::{age, exactly};
use crate::cabinet::data::PortalView;
use crate::say;

/// When it was read and with whose rights, what can be done with it, and what changed.
pub(super) fn version(
    member_id: &str,
    mark: &VersionMark,
    changes: &[Change],
    now: u32,
    lang: Lang,
) -> impl IntoView + use<> {
    let number = mark.number;
    let moment = exactly(mark.first_read_at, lang);
    let title = move || say!(lang, history_version, moment = moment());
    let rights = match (mark.viewer_id, mark.by_administrator) {
        (0, _) => say!(lang, history_by_unknown).to_owned(),
        (id, true) => say!(lang, history_by_admin, id = id),
        (id, false) => say!(lang, history_by_user, id = id),
    };
    let links = links(member_id, number, now, lang);
    let changes: Vec<_> = changes.iter().map(|change| line(change, lang)).collect();
    view! {
        <section class="history__version">
            <h3 class="history__title">{title}</h3>
            <p class="room__facts">
                <span>{age(mark.first_read_at, lang)}</span>
                <span>{rights}</span>
                {links}
            </p>
            <ul class="history__changes">{changes}</ul>
        </section>
    }
}

/// What can be done with a version that is not the one that is there now.
pub(super) fn links(
    member_id: &str,
    number: u32,
    now: u32,
    lang: Lang,
) -> Option<impl IntoView + use<>> {
    (number != now).then(|| {
        let compare = format!("/compare?left={member_id}@{number}&right={member_id}");
        let then = format!("/portals/{member_id}?{}={number}", PortalView::VERSION);
        view! {
            <span class="history__links">
                <a href=compare>{say!(lang, history_compare)}</a>
                <a href=then>{say!(lang, history_as_then)}</a>
            </span>
        }
    })
}

fn line(change: &Change, lang: Lang) -> impl IntoView + use<> {
    let class = format!(
        "history__change history__change--{}",
        change.difference.kind().code()
    );
    view! { <li class=class data-id=change.item.id.clone()>{change.sentence(lang)}</li> }
}
