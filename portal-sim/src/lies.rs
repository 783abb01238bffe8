//! Answers whose form is right and whose content lies: types, ids, sizes (F16).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a result lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// Every number is a string.
    NumbersAsStrings,
    /// Every string of digits is a number.
    StringsAsNumbers,
    /// Empty objects are lists, as PHP writes them, and empty lists are objects.
    EmptySwapped,
    /// Every id is null.
    NullIds,
    /// All rows of a list have the id of its first.
    DuplicateIds,
}

/// Makes a result lie.
pub(crate) fn tell(value: &mut Value, lie: Lie) {
    let told = match (&*value, lie) {
        (Value::Number(number), Lie::NumbersAsStrings) => Some(json!(number.to_string())),
        (Value::String(text), Lie::StringsAsNumbers) => {
            text.parse::<i64>().ok().map(|number| json!(number))
        }
        (Value::Object(members), Lie::EmptySwapped) if members.is_empty() => Some(json!([])),
        (Value::Array(items), Lie::EmptySwapped) if items.is_empty() => Some(json!({})),
        _ => None,
    };
    if let Some(told) = told {
        *value = told;
        return;
    }
    match value {
        Value::Array(items) => {
            if lie == Lie::DuplicateIds {
                repeat_first_id(items);
            }
            items.iter_mut().for_each(|item| tell(item, lie));
        }
        Value::Object(members) => {
            for (key, member) in members {
                if lie == Lie::NullIds && is_id(key) {
                    *member = Value::Null;
                } else {
                    tell(member, lie);
                }
            }
        }
        _ => {}
    }
}

fn is_id(key: &str) -> bool {
    matches!(key, "ID" | "id")
}

fn repeat_first_id(rows: &mut [Value]) {
    for key in ["ID", "id"] {
        let first = rows.first().and_then(|row| row.get(key)).cloned();
        let Some(first) = first else { continue };
        for row in rows.iter_mut().filter_map(Value::as_object_mut) {
            if row.contains_key(key) {
                row.insert(key.to_owned(), first.clone());
            }
        }
    }
}
