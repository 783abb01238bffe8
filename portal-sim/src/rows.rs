//! Filters, order and pages of classic list methods (§3.3, §4).

use std::cmp::Ordering;

use serde_json::Value;

use crate::envelope::{Answer, Refusal};
use crate::params::Param;

/// Rows on a page, fixed by the portal.
pub(crate) const PAGE: usize = 50;

/// A parameter that must be a map when it is there.
pub(crate) fn map_param<'a>(
    params: &'a Param,
    name: &str,
) -> Result<&'a [(String, Param)], Refusal> {
    match params.get_any_case(name) {
        None | Some(Param::Null) => Ok(&[]),
        Some(Param::Text(text)) if text.is_empty() => Ok(&[]),
        Some(map) if map.is_map() => Ok(map.entries()),
        Some(_) => Err(Refusal::new(
            400,
            "",
            format!("Parameter '{name}' must be array."),
        )),
    }
}

/// Keeps the rows that satisfy every condition; conditions on unknown keys are ignored.
pub(crate) fn filter(rows: &mut Vec<Value>, conditions: &[(String, Param)], known: &[&str]) {
    for (key, wanted) in conditions {
        let (operator, name) = split_operator(key);
        let Some(name) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            continue;
        };
        rows.retain(|row| satisfies(&row[*name], operator, wanted));
    }
}

/// Sorts by several keys, the first of them above all.
pub(crate) fn order(rows: &mut [Value], keys: &[(String, bool)]) {
    rows.sort_by(|left, right| {
        let mut ordering = Ordering::Equal;
        for (key, ascending) in keys {
            let step = compare(&left[key.as_str()], &right[key.as_str()]);
            ordering = ordering.then(if *ascending { step } else { step.reverse() });
        }
        ordering
    });
}

/// The keys of an `order` map, or `default` when there are none.
pub(crate) fn order_keys(given: &[(String, Param)], default: &[&str]) -> Vec<(String, bool)> {
    if given.is_empty() {
        return default
            .iter()
            .map(|key| ((*key).to_owned(), true))
            .collect();
    }
    let is_ascending = |direction: &Param| !direction.text().eq_ignore_ascii_case("DESC");
    given
        .iter()
        .map(|(key, way)| (key.to_uppercase(), is_ascending(way)))
        .collect()
}

/// Everything at once, with `total`.
pub(crate) fn whole(rows: Vec<Value>) -> Answer {
    Answer {
        total: Some(rows.len()),
        next: None,
        used: None,
        result: Value::Array(rows),
    }
}

/// One page, from `start`; -1 counts nothing.
pub(crate) fn page(rows: Vec<Value>, params: &Param) -> Answer {
    let start = params
        .get_any_case("start")
        .and_then(Param::integer)
        .unwrap_or(0);
    let from = usize::try_from(start).unwrap_or(0);
    let total = rows.len();
    let page: Vec<Value> = rows.into_iter().skip(from).take(PAGE).collect();
    let counted = start >= 0;
    let next = (counted && from + page.len() < total && !page.is_empty()).then_some(from + PAGE);
    Answer {
        result: Value::Array(page),
        total: counted.then_some(total),
        next,
        used: None,
    }
}

fn split_operator(key: &str) -> (&str, &str) {
    for operator in [
        "!@", "!=", ">=", "<=", "!%", ">", "<", "!", "=%", "%", "@", "=",
    ] {
        if let Some(name) = key.strip_prefix(operator) {
            return (operator, name);
        }
    }
    ("", key)
}

fn satisfies(actual: &Value, operator: &str, wanted: &Param) -> bool {
    let is_one_of = || match wanted {
        Param::Map(options) => options.iter().any(|(_, option)| equals(actual, option)),
        scalar => equals(actual, scalar),
    };
    match operator {
        ">" => compare_to(actual, wanted) == Ordering::Greater,
        "<" => compare_to(actual, wanted) == Ordering::Less,
        ">=" => compare_to(actual, wanted) != Ordering::Less,
        "<=" => compare_to(actual, wanted) != Ordering::Greater,
        "!" | "!=" | "!@" => !is_one_of(),
        "%" | "=%" => contains(actual, wanted),
        "!%" => !contains(actual, wanted),
        _ => is_one_of(),
    }
}

fn equals(actual: &Value, wanted: &Param) -> bool {
    match actual {
        Value::Bool(flag) => *flag == wanted.is_yes(),
        Value::Array(items) => items.iter().any(|item| equals(item, wanted)),
        scalar => text(scalar) == wanted.text(),
    }
}

fn contains(actual: &Value, wanted: &Param) -> bool {
    text(actual)
        .to_lowercase()
        .contains(&wanted.text().trim_matches('%').to_lowercase())
}

fn compare(left: &Value, right: &Value) -> Ordering {
    compare_texts(&text(left), &text(right))
}

fn compare_to(actual: &Value, wanted: &Param) -> Ordering {
    compare_texts(&text(actual), &wanted.text())
}

/// Numbers by size, everything else by letters.
fn compare_texts(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
