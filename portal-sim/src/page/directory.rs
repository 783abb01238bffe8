//! The first page of the cloud: every address at a glance.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;

use super::html::{escape, fill};
use crate::oauth::OauthServer;
use crate::portal::Portal;
use crate::worlds::UserRole;

/// `GET /` of the OAuth server.
pub(crate) async fn directory(State(server): State<Arc<OauthServer>>) -> Html<String> {
    let portals: String = server.registered().map(|portal| card(portal)).collect();
    let oauth = escape(&server.shared.oauth_url);
    let template = include_str!("../../assets/directory.html");
    Html(fill(template, &[("oauth", oauth), ("portals", portals)]))
}

fn card(portal: &Portal) -> String {
    let url = escape(&portal.base_url());
    let mut rows = format!("<dt>Страница</dt><dd><a href=\"{url}/\">{url}/</a></dd>");
    let names = [
        (UserRole::Administrator, "Вебхук администратора"),
        (UserRole::Employee, "Вебхук сотрудника"),
        (UserRole::Narrow, "Вебхук с узкими правами"),
    ];
    for (role, name) in names {
        let webhook = escape(&portal.webhook(role));
        rows.push_str(&format!("<dt>{name}</dt><dd><code>{webhook}</code></dd>"));
    }
    let member_id = portal.member_id();
    rows.push_str(&format!(
        "<dt>member_id</dt><dd><code>{member_id}</code></dd>"
    ));
    let company = escape(&portal.world().company);
    let number = portal.number();
    format!("<section class=\"card\"><h2>{number}. {company}</h2><dl>{rows}</dl></section>")
}
