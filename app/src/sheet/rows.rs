//! Single rows of a sheet, for whoever looks for them by name: the palette.

use crmap_domain::search::Query;
use leptos::prelude::*;

use super::loaded::Loaded;
use super::state::Sheet;
use super::tabs::is_offered;
use crate::browser;
use crate::data::Tab;

/// A row, and what narrows its section to it.
#[derive(Clone)]
pub(crate) struct Row {
    /// Its section.
    pub(crate) tab: Tab,
    /// Its funnel, where it is a stage: those of two may have the same ID.
    funnel: Option<i64>,
    query: String,
    id: String,
}

/// A row that answers to a search.
pub(crate) struct FoundRow {
    /// What it is called.
    pub(crate) label: String,
    /// What Bitrix24 knows it by.
    pub(crate) id: String,
    /// The row.
    pub(crate) row: Row,
}

impl Sheet {
    /// The sections that this portal has.
    pub(crate) fn tabs(self) -> impl Iterator<Item = Tab> {
        let is_there = move |tab: &Tab| untrack(|| is_offered(self, *tab));
        Tab::ALL.into_iter().filter(is_there)
    }

    /// The rows of all sections that match, of each section the first `most`.
    pub(crate) fn find(self, text: &str, most: usize) -> Vec<FoundRow> {
        let query = Query::parse(text);
        let Some(loaded) = self.loaded.get_untracked() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for tab in self.tabs() {
            let rows = loaded.hits(tab, &query).into_iter().take(most);
            found.extend(rows.map(|index| row(&loaded, tab, index, &query, text)));
        }
        found
    }

    /// Shows a row, with those alone that have its ID and name as a part of theirs, and moves the focus to its ID, which Enter copies.
    pub(crate) fn show(self, row: Row) {
        self.go(row.tab, row.funnel);
        self.look_for(row.query);
        request_animation_frame(move || {
            if !browser::focus_in_row("#panel tr[data-id]", &row.id, ".code") {
                browser::focus("search");
            }
        });
    }
}

fn row(loaded: &Loaded, tab: Tab, index: usize, query: &Query, text: &str) -> FoundRow {
    let specification = &loaded.specification;
    let (label, id) = match tab {
        Tab::Funnels => {
            let funnel = &specification.funnels.rows()[index];
            (&funnel.name, funnel.id.to_string())
        }
        Tab::Stages => {
            let stage = &specification.stages.rows()[index];
            (&stage.name, stage.status_id.clone())
        }
        Tab::Users => {
            let user = &specification.users.rows()[index];
            (&user.name, user.id.to_string())
        }
        _ => {
            let field = &loaded.fields(tab)[index];
            (&field.label, field.code.clone())
        }
    };
    let funnel = (tab == Tab::Stages).then(|| specification.stages.rows()[index].funnel_id);
    // An ID alone is a part of others; and items of a list are shown by the words that hit them.
    let has_items = !matches!(tab, Tab::Funnels | Tab::Stages | Tab::Users);
    let query = if has_items && !query.items_hit(&loaded.keys(tab)[index]).is_empty() {
        format!("{id} {text}")
    } else {
        format!("{id} {label}")
    };
    let label = label.clone();
    let row = Row {
        tab,
        funnel,
        query,
        id: id.clone(),
    };
    FoundRow { label, id, row }
}
