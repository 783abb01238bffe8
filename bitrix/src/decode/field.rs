//! Custom fields and the items of their lists: `crm.*.userfield.list` (bitrix24.md §4.3).

use std::collections::BTreeMap;

use crmap_domain::{CustomField, ListItem};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Keyed, Loose, Misread, Row, elements};

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, rename = "ID")]
    id: Loose,
    #[serde(default, rename = "FIELD_NAME")]
    field_name: Loose,
    #[serde(default, rename = "USER_TYPE_ID")]
    user_type_id: Loose,
    #[serde(default, rename = "XML_ID")]
    xml_id: Loose,
    #[serde(default, rename = "SORT")]
    sort: Loose,
    #[serde(default, rename = "MULTIPLE")]
    multiple: Loose,
    #[serde(default, rename = "MANDATORY")]
    mandatory: Loose,
    #[serde(default, rename = "EDIT_FORM_LABEL")]
    edit_form_label: Loose,
    #[serde(default, rename = "LIST_COLUMN_LABEL")]
    list_column_label: Loose,
    #[serde(default, rename = "LIST_FILTER_LABEL")]
    list_filter_label: Loose,
    #[serde(borrow, default, rename = "SETTINGS")]
    settings: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "LIST")]
    list: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireItem {
    #[serde(default, rename = "ID")]
    id: Loose,
    #[serde(default, rename = "VALUE")]
    value: Loose,
    #[serde(default, rename = "SORT")]
    sort: Loose,
    #[serde(default, rename = "DEF")]
    default: Loose,
    #[serde(default, rename = "XML_ID")]
    xml_id: Loose,
}

impl Row for CustomField {
    type Key = i64;

    fn read(raw: &RawValue, at: &At) -> Result<Self, Misread> {
        let wire: Wire<'_> = serde_json::from_str(raw.get()).map_err(|_| Misread(at.0.clone()))?;
        let type_code = at.filled(&wire.user_type_id, "USER_TYPE_ID")?;
        let items = if type_code == "enumeration" {
            items(&wire, at)?
        } else {
            Vec::new()
        };
        Ok(Self {
            id: at.int(&wire.id, "ID")?,
            code: at.filled(&wire.field_name, "FIELD_NAME")?,
            label: label(&wire, at)?,
            refers_to: refers_to(&wire, at, &type_code)?,
            type_code,
            required: at.flag_or_off(&wire.mandatory, "MANDATORY")?,
            multiple: at.flag_or_off(&wire.multiple, "MULTIPLE")?,
            sort: at.int_or(&wire.sort, 0, "SORT")?,
            xml_id: identifier(&wire.xml_id, at)?,
            items,
        })
    }

    fn key(&self) -> i64 {
        self.id
    }
}

fn label(wire: &Wire<'_>, at: &At) -> Result<String, Misread> {
    let labels = [
        ("EDIT_FORM_LABEL", &wire.edit_form_label),
        ("LIST_COLUMN_LABEL", &wire.list_column_label),
        ("LIST_FILTER_LABEL", &wire.list_filter_label),
    ];
    for (name, value) in labels {
        let text = at.text(value, name)?;
        if !text.trim().is_empty() {
            return Ok(text);
        }
    }
    Ok(String::new())
}

fn identifier(value: &Loose, at: &At) -> Result<Option<String>, Misread> {
    Ok(Some(at.text(value, "XML_ID")?).filter(|text| !text.is_empty()))
}

/// What the values of a field point to. Keys are put into alphabetical order: the portal's own
/// order means nothing, and the same content must give the same specification.
fn refers_to(wire: &Wire<'_>, at: &At, type_code: &str) -> Result<Vec<String>, Misread> {
    let points = matches!(type_code, "crm_status" | "crm") || type_code.starts_with("iblock_");
    let Some(raw) = wire.settings.filter(|_| points) else {
        return Ok(Vec::new());
    };
    let settings: Keyed<'_> =
        serde_json::from_str(raw.get()).map_err(|_| at.misread("SETTINGS"))?;
    let settings: BTreeMap<String, Loose> = settings
        .0
        .into_iter()
        .map(|(key, raw)| (key, serde_json::from_str(raw.get()).unwrap_or_default()))
        .collect();
    let one = |key: &str| {
        let text = settings.get(key).and_then(Loose::text);
        text.filter(|text| !text.is_empty() && text != "0")
            .into_iter()
            .collect()
    };
    Ok(match type_code {
        "crm_status" => one("ENTITY_TYPE"),
        "crm" => settings
            .iter()
            .filter(|(_, value)| value.flag() == Some(true))
            .map(|(key, _)| key.clone())
            .collect(),
        _ => one("IBLOCK_ID"),
    })
}

fn items(wire: &Wire<'_>, at: &At) -> Result<Vec<ListItem>, Misread> {
    let Some(raw) = wire.list else {
        return Ok(Vec::new());
    };
    let list = format!("{}.LIST", at.0);
    elements(raw, &list)?
        .into_iter()
        .enumerate()
        .map(|(index, raw)| item(raw, &At::row(&list, index)))
        .collect()
}

fn item(raw: &RawValue, at: &At) -> Result<ListItem, Misread> {
    let wire: WireItem = at.object(raw)?;
    Ok(ListItem {
        id: at.int(&wire.id, "ID")?,
        value: at.text(&wire.value, "VALUE")?,
        sort: at.int_or(&wire.sort, 0, "SORT")?,
        is_default: at.flag_or_off(&wire.default, "DEF")?,
        xml_id: identifier(&wire.xml_id, at)?,
    })
}

#[cfg(test)]
mod tests {
    use crmap_domain::CustomField;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use crate::decode::{At, Row};

    fn read(change: &Value) -> Result<CustomField, String> {
        let mut row = json!({"ID":"6799","ENTITY_ID":"CRM_DEAL","FIELD_NAME":"UF_CRM_1724077760",
            "USER_TYPE_ID":"enumeration","XML_ID":null,"SORT":"150","MULTIPLE":"N","MANDATORY":"N",
            "SHOW_FILTER":"E","SHOW_IN_LIST":"Y","EDIT_IN_LIST":"Y","IS_SEARCHABLE":"N",
            "SETTINGS":{"DISPLAY":"LIST","LIST_HEIGHT":1,"CAPTION_NO_VALUE":"","SHOW_NO_VALUE":"Y"},
            "EDIT_FORM_LABEL":"Канал","LIST_COLUMN_LABEL":"Канал","LIST_FILTER_LABEL":"Канал",
            "ERROR_MESSAGE":null,"HELP_MESSAGE":null,
            "LIST":[{"ID":"3157","SORT":"10","VALUE":"Сайт","DEF":"N","XML_ID":"79b4"}]});
        for (key, value) in change.as_object().unwrap() {
            row[key] = value.clone();
        }
        let raw = RawValue::from_string(row.to_string()).unwrap();
        CustomField::read(&raw, &At::row("result", 3)).map_err(|misread| misread.0)
    }

    #[test]
    fn a_documented_row_is_read() {
        let field = read(&json!({})).unwrap();
        assert_eq!((field.id, field.sort), (6799, 150));
        assert_eq!(
            (field.code.as_str(), field.label.as_str()),
            ("UF_CRM_1724077760", "Канал")
        );
        assert_eq!(field.xml_id, None);
        let item = &field.items[0];
        assert_eq!(
            (item.id, item.sort, item.value.as_str()),
            (3157, 10, "Сайт")
        );
        assert_eq!(item.xml_id.as_deref(), Some("79b4"));
    }

    #[test]
    fn the_first_label_that_is_there_counts_and_none_is_an_empty_one() {
        let labels = |edit: Value, column: Value, filter: Value| {
            let change = json!({"EDIT_FORM_LABEL": edit, "LIST_COLUMN_LABEL": column,
                "LIST_FILTER_LABEL": filter});
            read(&change).unwrap().label
        };
        assert_eq!(labels(json!("a"), json!("b"), json!("c")), "a");
        assert_eq!(labels(json!(null), json!("b"), json!("c")), "b");
        assert_eq!(labels(json!(""), json!(" "), json!("c")), "c");
        assert_eq!(labels(json!(null), json!(null), json!(null)), "");
    }

    #[test]
    fn what_a_field_points_to_depends_on_its_type() {
        let cases = [
            (
                "crm_status",
                json!({"ENTITY_TYPE": "INDUSTRY"}),
                vec!["INDUSTRY"],
            ),
            (
                "crm",
                json!({"LEAD": null, "CONTACT": "Y", "COMPANY": "N", "DYNAMIC_1224": "Y"}),
                vec!["CONTACT", "DYNAMIC_1224"],
            ),
            ("crm", json!([]), vec![]),
            (
                "iblock_element",
                json!({"IBLOCK_ID": 17, "DISPLAY": "LIST"}),
                vec!["17"],
            ),
            ("iblock_section", json!({"IBLOCK_ID": "0"}), vec![]),
            ("employee", json!([]), vec![]),
            (
                "resourcebooking",
                json!({"RESOURCES": {"a": [1, {"b": 2}]}}),
                vec![],
            ),
        ];
        for (type_code, settings, expected) in cases {
            let field = read(&json!({"USER_TYPE_ID": type_code, "SETTINGS": settings})).unwrap();
            assert_eq!(field.refers_to, expected, "{type_code}");
            assert!(field.items.is_empty(), "{type_code}");
        }
    }

    #[test]
    fn a_list_of_items_may_be_missing_empty_or_written_as_an_object() {
        assert!(read(&json!({"LIST": []})).unwrap().items.is_empty());
        assert!(read(&json!({"LIST": null})).unwrap().items.is_empty());
        let object =
            json!({"0": {"ID": 1, "VALUE": "a"}, "2": {"ID": "2", "VALUE": 5, "DEF": "Y"}});
        let items = read(&json!({"LIST": object})).unwrap().items;
        assert_eq!(items.len(), 2);
        assert!(items[1].is_default && items[1].value == "5");
    }

    #[test]
    fn what_cannot_be_read_names_its_place() {
        for (change, place) in [
            (json!({"ID": null}), "result[3].ID"),
            (json!({"FIELD_NAME": ""}), "result[3].FIELD_NAME"),
            (json!({"USER_TYPE_ID": null}), "result[3].USER_TYPE_ID"),
            (json!({"MANDATORY": "perhaps"}), "result[3].MANDATORY"),
            (
                json!({"EDIT_FORM_LABEL": {"ru": "Канал"}}),
                "result[3].EDIT_FORM_LABEL",
            ),
            (json!({"LIST": "none"}), "result[3].LIST"),
            (
                json!({"LIST": [{"ID": "1", "VALUE": "a"}, {"VALUE": "b"}]}),
                "result[3].LIST[1].ID",
            ),
            (
                json!({"USER_TYPE_ID": "crm", "SETTINGS": 5}),
                "result[3].SETTINGS",
            ),
        ] {
            assert_eq!(read(&change), Err(place.to_owned()));
        }
    }
}
