//! The table of the portal's people.

use crmap_domain::PortalUser;
use leptos::prelude::*;

use super::content::Shown;
use crate::say;
use crate::ui::{copyable, marked};

/// The users of `shown`.
pub(super) fn table(shown: &Shown<'_>) -> impl IntoView + use<> {
    let lang = shown.state.lang;
    let users = shown.loaded.specification.users.rows();
    let rows: Vec<_> = shown
        .rows
        .iter()
        .map(|index| row(shown, &users[*index]))
        .collect();
    view! {
        <table class="table table--users">
            <caption class="off-screen">{say!(lang, caption_users)}</caption>
            <thead>
                <tr>
                    <th scope="col">{say!(lang, col_id)}</th>
                    <th scope="col">{say!(lang, col_user_name)}</th>
                    <th scope="col">{say!(lang, col_position)}</th>
                    <th scope="col">{say!(lang, col_departments)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(shown: &Shown<'_>, user: &PortalUser) -> impl IntoView + use<> {
    let lang = shown.state.lang;
    let id = user.id.to_string();
    let dismissed =
        (!user.active).then(|| view! { <span class="badge">{say!(lang, dismissed)}</span> });
    view! {
        <tr data-id=id.clone()>
            <td class="id">{copyable(&id, &shown.query)}</td>
            <td class="name">
                <span>{marked(&user.name, &shown.query)}</span>
                {dismissed}
            </td>
            <td>{marked(&user.position, &shown.query)}</td>
            <td>{marked(&user.departments.join(", "), &shown.query)}</td>
        </tr>
    }
}
