//! User fields that come, change and go, each with the event that tells of it (§1.10).

use serde_json::json;

use crate::portal::Portal;
use crate::worlds::{Entity, UserField};

impl Portal {
    /// Somebody adds a user field of that type; list fields get those items. Its id.
    pub fn add_field(&self, entity: Entity, kind: &str, label: &str, items: &[&str]) -> u32 {
        let field = self.change_world(|world| {
            let field = UserField::new(world, entity, kind, label, items);
            world.fields.push(field.clone());
            field
        });
        self.tell_of_field(&field, "ADD");
        if !items.is_empty() {
            self.tell_of_field(&field, "SETENUMVALUES");
        }
        field.id
    }

    /// Somebody gives a user field another label. Does nothing when there is none of that id.
    pub fn rename_field(&self, id: u32, label: &str) {
        self.change_field(id, "UPDATE", |field| field.set_label(label));
    }

    /// Somebody gives a list field other items. Does nothing when there is none of that id.
    pub fn set_field_items(&self, id: u32, items: &[&str]) {
        self.change_field(id, "SETENUMVALUES", |field| field.set_items(items));
    }

    /// Somebody removes a user field. Does nothing when there is none of that id.
    pub fn remove_field(&self, id: u32) {
        let removed = self.change_world(|world| {
            let index = world.fields.iter().position(|field| field.id == id)?;
            Some(world.fields.remove(index))
        });
        if let Some(field) = removed {
            self.tell_of_field(&field, "DELETE");
        }
    }

    fn change_field(&self, id: u32, change: &str, edit: impl FnOnce(&mut UserField)) {
        let changed = self.change_world(|world| {
            let field = world.fields.iter_mut().find(|field| field.id == id)?;
            edit(field);
            Some(field.clone())
        });
        if let Some(field) = changed {
            self.tell_of_field(&field, change);
        }
    }

    fn tell_of_field(&self, field: &UserField, change: &str) {
        let entity = field.entity.method_part().to_uppercase();
        let fields = json!({"ID": field.id, "ENTITY_ID": field.entity.field_entity_id(),
            "FIELD_NAME": field.name});
        self.fire(
            &format!("ONCRM{entity}USERFIELD{change}"),
            &json!({"FIELDS": fields}),
        );
    }
}
