//! Funnels of deals: `crm.category.list` (bitrix24.md §4.1).

use crmap_domain::Funnel;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Keyed, Loose, Misread, Row, rows};

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: Loose,
    #[serde(default)]
    name: Loose,
    #[serde(default)]
    sort: Loose,
    #[serde(default, rename = "isDefault")]
    is_default: Loose,
}

impl Row for Funnel {
    type Key = i64;

    fn read(raw: &RawValue, at: &At) -> Result<Self, Misread> {
        let wire: Wire = at.object(raw)?;
        Ok(Self {
            id: at.int(&wire.id, "id")?,
            name: at.text(&wire.name, "name")?,
            sort: at.int_or(&wire.sort, 0, "sort")?,
            is_default: at.flag_or_off(&wire.is_default, "isDefault")?,
        })
    }

    fn key(&self) -> i64 {
        self.id
    }
}

/// The rows of an answer, which stand one level deeper than those of other lists.
pub(crate) fn funnels(raw: &RawValue, first: usize) -> Result<Vec<Funnel>, Misread> {
    let place = "result.categories";
    if raw.get() == "[]" {
        return Ok(Vec::new());
    }
    let misread = || Misread(place.to_owned());
    let outer: Keyed<'_> = serde_json::from_str(raw.get()).map_err(|_| misread())?;
    rows(outer.get("categories").ok_or_else(misread)?, place, first)
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::funnels;

    fn read(json: &str) -> Result<Vec<(i64, String, i64, bool)>, String> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        let tuple = |f: crmap_domain::Funnel| (f.id, f.name, f.sort, f.is_default);
        funnels(&raw, 0)
            .map(|rows| rows.into_iter().map(tuple).collect())
            .map_err(|misread| misread.0)
    }

    #[test]
    fn the_default_funnel_has_the_number_zero_and_lacks_keys_of_the_others() {
        let json = r#"{"categories":[
            {"id":9,"name":"Опт","sort":200,"entityTypeId":2,"isDefault":"N","originId":"","originatorId":""},
            {"id":"0","name":"Общая","sort":"300","entityTypeId":2,"isDefault":"Y"}]}"#;
        let expected = vec![
            (9, "Опт".to_owned(), 200, false),
            (0, "Общая".to_owned(), 300, true),
        ];
        assert_eq!(read(json), Ok(expected));
    }

    #[test]
    fn an_empty_list_is_empty_and_a_broken_one_names_its_place() {
        assert_eq!(read("[]"), Ok(vec![]));
        assert_eq!(read(r#"{"categories":[]}"#), Ok(vec![]));
        let cases = [
            (r#"{}"#, "result.categories"),
            (r#"{"categories":null}"#, "result.categories"),
            (
                r#"{"categories":[{"id":1},{"id":null}]}"#,
                "result.categories[1].id",
            ),
            (
                r#"{"categories":[{"id":1,"sort":"first"}]}"#,
                "result.categories[0].sort",
            ),
            (r#"{"categories":[7]}"#, "result.categories[0]"),
        ];
        for (json, place) in cases {
            assert_eq!(read(json), Err(place.to_owned()), "{json}");
        }
    }
}
