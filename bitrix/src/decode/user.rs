//! People and their departments: `user.get` and `department.get` (bitrix24.md §4.7).

use std::collections::HashMap;

use crmap_domain::PortalUser;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Keyed, Loose, Misread, Row};

/// A person, with the departments by number.
#[derive(Debug)]
pub(crate) struct User {
    id: i64,
    name: String,
    position: String,
    departments: Vec<i64>,
    active: bool,
}

/// A department.
#[derive(Debug)]
pub(crate) struct Department {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, rename = "ID")]
    id: Loose,
    #[serde(default, rename = "ACTIVE")]
    active: Loose,
    #[serde(default, rename = "NAME")]
    name: Loose,
    #[serde(default, rename = "SECOND_NAME")]
    second_name: Loose,
    #[serde(default, rename = "LAST_NAME")]
    last_name: Loose,
    #[serde(default, rename = "WORK_POSITION")]
    work_position: Loose,
    #[serde(borrow, default, rename = "UF_DEPARTMENT")]
    departments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireDepartment {
    #[serde(default, rename = "ID")]
    id: Loose,
    #[serde(default, rename = "NAME")]
    name: Loose,
}

impl Row for User {
    type Key = i64;

    fn read(raw: &RawValue, at: &At) -> Result<Self, Misread> {
        let wire: Wire<'_> = serde_json::from_str(raw.get()).map_err(|_| Misread(at.0.clone()))?;
        let parts = [
            at.text(&wire.name, "NAME")?,
            at.text(&wire.second_name, "SECOND_NAME")?,
            at.text(&wire.last_name, "LAST_NAME")?,
        ];
        Ok(Self {
            id: at.int(&wire.id, "ID")?,
            name: joined(&parts),
            position: at
                .text(&wire.work_position, "WORK_POSITION")?
                .trim()
                .to_owned(),
            departments: departments(wire.departments, at)?,
            active: at.flag(&wire.active, "ACTIVE")?,
        })
    }

    fn key(&self) -> i64 {
        self.id
    }
}

impl Row for Department {
    type Key = i64;

    fn read(raw: &RawValue, at: &At) -> Result<Self, Misread> {
        let wire: WireDepartment = at.object(raw)?;
        let name = at.text(&wire.name, "NAME")?;
        Ok(Self {
            id: at.int(&wire.id, "ID")?,
            name,
        })
    }

    fn key(&self) -> i64 {
        self.id
    }
}

impl User {
    /// The person with the departments by name, or by `#15` where the name is not known.
    pub(crate) fn with_departments(self, names: &HashMap<i64, String>) -> PortalUser {
        let name = |id: &i64| {
            let known = names.get(id).filter(|name| !name.trim().is_empty());
            known.cloned().unwrap_or_else(|| format!("#{id}"))
        };
        PortalUser {
            id: self.id,
            name: self.name,
            position: self.position,
            departments: self.departments.iter().map(name).collect(),
            active: self.active,
        }
    }
}

/// Parts of a name with one space between them.
pub(crate) fn joined(parts: &[String]) -> String {
    let filled = parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty());
    filled.collect::<Vec<_>>().join(" ")
}

/// Numbers in a list; nothing, `false` or one bare number do as well.
fn departments(raw: Option<&RawValue>, at: &At) -> Result<Vec<i64>, Misread> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    let misread = || at.misread("UF_DEPARTMENT");
    if let Ok(list) = serde_json::from_str::<Keyed<'_>>(raw.get()) {
        let number = |(_, raw): (String, &RawValue)| {
            serde_json::from_str::<Loose>(raw.get())
                .ok()
                .and_then(|value| value.int())
        };
        return list
            .0
            .into_iter()
            .map(|entry| number(entry).ok_or_else(misread))
            .collect();
    }
    match serde_json::from_str::<Loose>(raw.get()).map_err(|_| misread())? {
        Loose::Bool(false) => Ok(Vec::new()),
        value if value.is_empty() => Ok(Vec::new()),
        value => Ok(vec![value.int().ok_or_else(misread)?]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crmap_domain::PortalUser;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::User;
    use crate::decode::{At, Row};

    fn read(change: &Value) -> Result<PortalUser, String> {
        let mut row = json!({"ID":"1","ACTIVE":true,"NAME":"Анна","LAST_NAME":"Титова",
            "SECOND_NAME":"","WORK_POSITION":"Директор","UF_DEPARTMENT":[1],"TIMESTAMP_X":{}});
        for (key, value) in change.as_object().unwrap() {
            row[key] = value.clone();
        }
        let raw = RawValue::from_string(row.to_string()).unwrap();
        let names = HashMap::from([(1, "Продажи".to_owned())]);
        User::read(&raw, &At::row("result", 0))
            .map(|user| user.with_departments(&names))
            .map_err(|misread| misread.0)
    }

    #[test]
    fn a_documented_row_is_read() {
        let user = read(&json!({})).unwrap();
        assert_eq!((user.id, user.name.as_str()), (1, "Анна Титова"));
        assert_eq!((user.position.as_str(), user.active), ("Директор", true));
        assert_eq!(user.departments, ["Продажи"]);
    }

    #[test]
    fn a_name_is_given_name_patronymic_and_family_name() {
        let change = json!({"NAME": " Анна ", "SECOND_NAME": "Петровна", "LAST_NAME": null});
        assert_eq!(read(&change).unwrap().name, "Анна Петровна");
        assert_eq!(
            read(&json!({"NAME": null, "LAST_NAME": ""})).unwrap().name,
            ""
        );
    }

    #[test]
    fn departments_come_in_many_shapes() {
        for (value, expected) in [
            (json!([1, "15"]), vec!["Продажи", "#15"]),
            (json!([]), vec![]),
            (json!({}), vec![]),
            (json!({"3": 1}), vec!["Продажи"]),
            (json!(false), vec![]),
            (json!(null), vec![]),
            (json!(""), vec![]),
            (json!("1"), vec!["Продажи"]),
            (json!(7), vec!["#7"]),
        ] {
            let user = read(&json!({ "UF_DEPARTMENT": value.clone() })).unwrap();
            assert_eq!(user.departments, expected, "{value}");
        }
    }

    #[test]
    fn flags_come_in_many_shapes_and_what_cannot_be_read_names_its_place() {
        assert!(!read(&json!({"ACTIVE": "N"})).unwrap().active);
        assert!(read(&json!({"ACTIVE": "Y"})).unwrap().active);
        for (change, place) in [
            (json!({"ID": null}), "result[0].ID"),
            (json!({"ACTIVE": null}), "result[0].ACTIVE"),
            (
                json!({"UF_DEPARTMENT": ["sales"]}),
                "result[0].UF_DEPARTMENT",
            ),
            (json!({"NAME": ["Анна"]}), "result[0].NAME"),
        ] {
            assert_eq!(read(&change), Err(place.to_owned()));
        }
    }
}
