//! The table of the portal's people.

use crmap_domain::PortalUser;
use leptos::prelude::*;

use super::content::Shown;
use super::tabs::tab_name;
use crate::data::Tab;
use crate::say;
use crate::ui::{self, Column, copyable, marked};

/// The users of `shown`.
pub(super) fn table(shown: &Shown) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let users = shown.loaded.specification.users.rows();
    let rows: Vec<_> = shown
        .rows
        .iter()
        .map(|index| row(shown, *index, &users[*index]))
        .collect();
    let columns = [
        Column::of(say!(lang, col_id)),
        Column::of(say!(lang, col_user_name)),
        Column::of(say!(lang, col_position)),
        Column::of(say!(lang, col_departments)),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    ui::table(
        "table table--users",
        tab_name(Tab::Users, lang),
        &columns,
        body,
    )
}

fn row(shown: &Shown, index: usize, user: &PortalUser) -> impl IntoView + use<> {
    let lang = shown.sheet.lang;
    let id = user.id.to_string();
    let dismissed =
        (!user.active).then(|| view! { <span class="badge">{say!(lang, dismissed)}</span> });
    view! {
        <tr data-id=id.clone()>
            <td class="id">{copyable(&id, &shown.query)}</td>
            <td class="name">
                <span>{marked(&user.name, &shown.query)}</span>
                {dismissed}
                {shown.mark(index)}
            </td>
            <td>{marked(&user.position, &shown.query)}</td>
            <td>{marked(&user.departments.join(", "), &shown.query)}</td>
        </tr>
    }
}
