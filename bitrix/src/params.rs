//! Parameters of a method, written once and sent either as the query of a batch command or as the
//! JSON body of a single call. It knows no method.

use serde_json::{Map, Value};

/// Named values in PHP's bracket notation: `filter[LANG]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// The parameters with one more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// As a batch command takes them.
    pub(crate) fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    /// As the body of a single call takes them.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let mut body = Map::new();
        for (name, value) in &self.0 {
            put(&mut body, name, value);
        }
        body
    }
}

fn put(body: &mut Map<String, Value>, name: &str, value: &str) {
    let Some((outer, inner)) = name.split_once('[') else {
        body.insert(name.to_owned(), Value::from(value));
        return;
    };
    let slot = body
        .entry(outer)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(object) = slot {
        // `b][c]` is the name `b[c]` one level further in.
        put(object, &inner.replacen(']', "", 1), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Params;

    #[test]
    fn brackets_become_percent_codes_in_a_query_and_objects_in_a_body() {
        let cases = [
            (Params::default(), "", json!({})),
            (
                Params::default().with("start", "50"),
                "start=50",
                json!({"start": "50"}),
            ),
            (
                Params::default()
                    .with("filter[LANG]", "ru")
                    .with("filter[ID]", "5"),
                "filter%5BLANG%5D=ru&filter%5BID%5D=5",
                json!({"filter": {"LANG": "ru", "ID": "5"}}),
            ),
            (
                Params::default()
                    .with("LANG_ALL[ru][TITLE]", "a")
                    .with("LANG_ALL[en][TITLE]", "b"),
                "LANG_ALL%5Bru%5D%5BTITLE%5D=a&LANG_ALL%5Ben%5D%5BTITLE%5D=b",
                json!({"LANG_ALL": {"ru": {"TITLE": "a"}, "en": {"TITLE": "b"}}}),
            ),
            (
                Params::default().with("NAME", "a&b=c d"),
                "NAME=a%26b%3Dc+d",
                json!({"NAME": "a&b=c d"}),
            ),
        ];
        for (params, query, body) in cases {
            assert_eq!(params.to_query(), query);
            assert_eq!(serde_json::Value::Object(params.to_json()), body);
        }
    }
}
