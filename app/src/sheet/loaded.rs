//! A specification on the page, with its search keys made when they are first needed.

use std::sync::{Arc, OnceLock};

use crmap_domain::search::{Query, SearchKey};
use crmap_domain::{Funnel, Refusal, Specification};

use crate::data::{Marks, Tab};

/// A specification and what the page derives from it once.
pub(super) struct Loaded {
    pub(super) specification: Arc<Specification>,
    /// What is new in it.
    pub(super) marks: Option<Marks>,
    keys: [OnceLock<Vec<SearchKey>>; Tab::ALL.len()],
}

impl Loaded {
    pub(super) fn new(specification: Arc<Specification>, marks: Option<Marks>) -> Self {
        Self {
            specification,
            marks,
            keys: Default::default(),
        }
    }

    /// What stands at a row of a tab that is new or changed.
    pub(super) fn mark(&self, tab: Tab, row: usize) -> Option<&str> {
        let marks = self.marks.as_ref()?;
        let rows = &marks.tabs.get(tab.index())?.rows;
        let place = rows
            .binary_search_by_key(&row, |mark| mark.0 as usize)
            .ok()?;
        Some(&marks.words[usize::from(rows[place].1)])
    }

    /// Whether this portal has the section at all.
    pub(super) fn has(&self, tab: Tab) -> bool {
        let fields = &self.specification.fields;
        tab.entity()
            .is_none_or(|entity| fields.of(entity).is_some())
    }

    /// How many rows the section has; nothing where the portal refused it.
    pub(super) fn count(&self, tab: Tab) -> Option<usize> {
        if self.refusal(tab).is_some() {
            return None;
        }
        let specification = &self.specification;
        Some(match tab {
            Tab::Funnels => specification.funnels.rows().len(),
            Tab::Stages => specification.stages.rows().len(),
            Tab::Users => specification.users.rows().len(),
            _ => self.fields(tab).len(),
        })
    }

    /// Why the section has no rows, where the portal refused it.
    pub(super) fn refusal(&self, tab: Tab) -> Option<&Refusal> {
        let specification = &self.specification;
        match (tab, tab.entity()) {
            (_, Some(entity)) => specification.fields.of(entity)?.refusal(),
            (Tab::Stages, None) => specification.stages.refusal(),
            (Tab::Users, None) => specification.users.refusal(),
            (_, None) => specification.funnels.refusal(),
        }
    }

    /// The fields of a tab of fields.
    pub(super) fn fields(&self, tab: Tab) -> &[crmap_domain::CustomField] {
        tab.entity()
            .and_then(|entity| self.specification.fields.of(entity))
            .map_or(&[], |section| section.rows())
    }

    /// The funnel of a number, where the viewer may see it.
    pub(super) fn funnel(&self, id: i64) -> Option<&Funnel> {
        self.specification
            .funnels
            .rows()
            .iter()
            .find(|funnel| funnel.id == id)
    }

    /// The numbers of the section's rows that match, in order.
    pub(super) fn hits(&self, tab: Tab, query: &Query) -> Vec<usize> {
        if query.is_empty() {
            return (0..self.count(tab).unwrap_or(0)).collect();
        }
        let keys = self.keys(tab).iter().enumerate();
        keys.filter(|(_, key)| query.matches(key))
            .map(|(index, _)| index)
            .collect()
    }

    /// How many of the section's rows match.
    pub(super) fn count_hits(&self, tab: Tab, query: &Query) -> Option<usize> {
        let count = self.count(tab)?;
        if query.is_empty() {
            return Some(count);
        }
        Some(
            self.keys(tab)
                .iter()
                .filter(|key| query.matches(key))
                .count(),
        )
    }

    /// The search keys of the section's rows, made at the first call.
    pub(super) fn keys(&self, tab: Tab) -> &[SearchKey] {
        self.keys[tab.index()].get_or_init(|| self.make_keys(tab))
    }

    fn make_keys(&self, tab: Tab) -> Vec<SearchKey> {
        let specification = &self.specification;
        match tab {
            Tab::Funnels => specification
                .funnels
                .rows()
                .iter()
                .map(SearchKey::funnel)
                .collect(),
            Tab::Stages => {
                let key = |stage: &crmap_domain::Stage| {
                    let funnel = self
                        .funnel(stage.funnel_id)
                        .map_or("", |funnel| &funnel.name);
                    SearchKey::stage(stage, funnel)
                };
                specification.stages.rows().iter().map(key).collect()
            }
            Tab::Users => specification
                .users
                .rows()
                .iter()
                .map(SearchKey::user)
                .collect(),
            _ => self.fields(tab).iter().map(SearchKey::field).collect(),
        }
    }
}
