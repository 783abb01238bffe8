//! The hostile-label fault: names and labels in an answer that want to do harm (§9, row 16).

use serde_json::Value;

/// Keys whose texts people wrote.
const LABELS: &[&str] = &[
    "name",
    "NAME",
    "LAST_NAME",
    "SECOND_NAME",
    "WORK_POSITION",
    "VALUE",
    "title",
    "listLabel",
    "formLabel",
    "filterLabel",
    "CATEGORY_NAME",
    "EDIT_FORM_LABEL",
    "LIST_COLUMN_LABEL",
    "LIST_FILTER_LABEL",
    "ERROR_MESSAGE",
    "HELP_MESSAGE",
];

/// Spoils every label in a result.
pub(crate) fn spoil(value: &mut Value, text: &str, replace: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, text, replace)),
        Value::Object(members) => {
            for (key, member) in members {
                match key.as_str() {
                    "SETTINGS" | "settings" => {}
                    name if LABELS.contains(&name) => spoil_label(member, text, replace),
                    _ => spoil(member, text, replace),
                }
            }
        }
        _ => {}
    }
}

/// Replaces the first label in a result; true when there was one.
pub(crate) fn spoil_first(value: &mut Value, text: &str) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().any(|item| spoil_first(item, text)),
        Value::Object(members) => members.iter_mut().any(|(key, member)| match member {
            Value::String(old) if LABELS.contains(&key.as_str()) => {
                text.clone_into(old);
                true
            }
            _ => spoil_first(member, text),
        }),
        _ => false,
    }
}

/// A label, or a map of labels by language; one that is missing stays missing.
fn spoil_label(label: &mut Value, text: &str, replace: bool) {
    match label {
        Value::String(old) if replace => text.clone_into(old),
        Value::String(old) => old.insert_str(0, text),
        Value::Object(languages) => {
            languages
                .values_mut()
                .for_each(|label| spoil_label(label, text, replace));
        }
        _ => {}
    }
}
