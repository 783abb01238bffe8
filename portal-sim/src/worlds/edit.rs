//! Changes of a world that happen while the portal runs.

use super::build::{self, Ids};
use super::{Entity, UserField, World};

impl UserField {
    /// A field that nobody has had yet.
    pub(crate) fn new(
        world: &World,
        entity: Entity,
        kind: &str,
        label: &str,
        items: &[&str],
    ) -> Self {
        let id = world.fields.iter().map(|field| field.id).max().unwrap_or(0) + 2;
        let name = format!("UF_CRM_NEW_{id}");
        let mut field = build::field(id, entity, &name, kind, build::label(label, label));
        if !items.is_empty() {
            field.set_items(items);
        }
        field
    }

    /// Gives it the same label everywhere and in both languages.
    pub(crate) fn set_label(&mut self, label: &str) {
        let label = build::label(label, label);
        self.edit_form_label.clone_from(&label);
        self.list_column_label.clone_from(&label);
        self.list_filter_label = label;
    }

    /// Gives it other items, with ids that no item of it has had.
    pub(crate) fn set_items(&mut self, values: &[&str]) {
        let last = self.items.iter().map(|item| item.id).max();
        let first = last.unwrap_or(self.id * 1000) + 2;
        self.items = build::items(&self.name, values.iter().copied(), &mut Ids::new(first, 2));
    }
}
