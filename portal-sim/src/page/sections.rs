//! The plain sections: start page, the deal funnels, the people, and a word for what is absent.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Html;

use super::html::escape;
use super::layout::{APP_PATH, Section, View, ViewQuery, full_name};
use crate::portal::{FUNNELS_PATH, Portal};
use crate::worlds::{Funnel, Status, User};

/// `GET /`.
pub(super) async fn home(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<ViewQuery>,
) -> Html<String> {
    render(&portal, &query, "/", |view| {
        let (texts, address) = (view.texts(), view.link(APP_PATH));
        let content = format!(
            "<section class=\"card\"><p>{}</p><p><a class=\"button\" href=\"{address}\">{}</a></p>\
             </section>",
            texts.welcome_text, texts.open_app
        );
        (format!("{}, {}", texts.welcome, view.user.name), content)
    })
}

/// `GET /crm/`: what the viewer may read, as a portal shows it.
pub(super) async fn crm(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<ViewQuery>,
) -> Html<String> {
    render(&portal, &query, "/crm/", |view| {
        let texts = view.texts();
        let address = view.link(FUNNELS_PATH);
        let link = format!("<p><a href=\"{address}\">{}</a></p>", texts.tunnels);
        (texts.funnels.to_owned(), link + &funnel_cards(view))
    })
}

/// The funnels that the viewer may read, each with its stages.
pub(super) fn funnel_cards(view: &View<'_>) -> String {
    let world = view.portal.world();
    let role = world.role_of(view.user.id);
    let mut funnels: Vec<&Funnel> = world.funnels.iter().collect();
    funnels.retain(|funnel| world.may_read_funnel(role, funnel.id));
    funnels.sort_by_key(|funnel| (funnel.sort, funnel.id));
    let cards = funnels
        .into_iter()
        .map(|funnel| funnel_card(view.portal, funnel));
    cards.collect()
}

/// `GET /company/`.
pub(super) async fn company(
    State(portal): State<Arc<Portal>>,
    Query(query): Query<ViewQuery>,
) -> Html<String> {
    render(&portal, &query, "/company/", |view| {
        let rows: String = portal.world().users.iter().map(person_row).collect();
        let content =
            format!("<section class=\"card\"><table class=\"people\">{rows}</table></section>");
        (view.texts().company.to_owned(), content)
    })
}

/// `GET /section/{name}`: a menu entry that leads nowhere here.
pub(super) async fn absent(
    State(portal): State<Arc<Portal>>,
    Path(name): Path<String>,
    Query(query): Query<ViewQuery>,
) -> Html<String> {
    render(&portal, &query, &format!("/section/{name}"), |view| {
        let texts = view.texts();
        let heading = match name.as_str() {
            "tasks" => texts.tasks,
            "calendar" => texts.calendar,
            "drive" => texts.drive,
            _ => texts.market,
        };
        let content = format!(
            "<section class=\"card\"><p>{}</p></section>",
            texts.not_here
        );
        (heading.to_owned(), content)
    })
}

/// Heading and content, put into the portal.
fn render(
    portal: &Portal,
    query: &ViewQuery,
    path: &str,
    section: impl FnOnce(&View<'_>) -> (String, String),
) -> Html<String> {
    let Some(view) = View::of(portal, query) else {
        return Html(String::new());
    };
    let (heading, content) = section(&view);
    view.render(&Section {
        path: path.to_owned(),
        heading,
        content,
        scripts: "",
    })
}

fn funnel_card(portal: &Portal, funnel: &Funnel) -> String {
    let category_id = (funnel.id != 0).then_some(funnel.id);
    let stages = portal
        .world()
        .deal_stages()
        .filter(|stage| stage.category_id == category_id);
    let stage = |stage: &Status| {
        let (color, name) = (escape(&stage.color), escape(&stage.name));
        format!("<li style=\"border-left-color:{color}\">{name}</li>")
    };
    let stages: String = stages.map(stage).collect();
    let name = escape(&funnel.name);
    format!("<section class=\"card\"><h2>{name}</h2><ul class=\"stages\">{stages}</ul></section>")
}

fn person_row(user: &User) -> String {
    let class = if user.active { "" } else { " class=\"gone\"" };
    let (name, position) = (escape(&full_name(user)), escape(&user.position));
    format!("<tr><td{class}>{name}</td><td>{position}</td></tr>")
}
