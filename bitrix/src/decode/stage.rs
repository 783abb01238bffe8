//! Rows of the portal's dictionaries and the stages among them: `crm.status.list`
//! (bitrix24.md §4.2).

use crmap_domain::{Color, Meaning, Stage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Keyed, Loose, Misread, Row};

/// A row of some dictionary; only those of deal stages are wanted.
#[derive(Debug)]
pub(crate) struct Status {
    entity_id: String,
    status_id: String,
    /// The stage of a funnel of deals, where it is one.
    pub(crate) stage: Option<Stage>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, rename = "ID")]
    id: Loose,
    #[serde(default, rename = "ENTITY_ID")]
    entity_id: Loose,
    #[serde(default, rename = "STATUS_ID")]
    status_id: Loose,
    #[serde(default, rename = "NAME")]
    name: Loose,
    #[serde(default, rename = "SORT")]
    sort: Loose,
    #[serde(default, rename = "SYSTEM")]
    system: Loose,
    #[serde(default, rename = "COLOR")]
    color: Loose,
    #[serde(default, rename = "SEMANTICS")]
    semantics: Loose,
    #[serde(borrow, default, rename = "EXTRA")]
    extra: Option<&'a RawValue>,
}

impl Row for Status {
    /// `STATUS_ID` alone repeats: NEW is there for leads and for the default funnel.
    type Key = (String, String);

    fn read(raw: &RawValue, at: &At) -> Result<Self, Misread> {
        let wire: Wire<'_> = serde_json::from_str(raw.get()).map_err(|_| Misread(at.0.clone()))?;
        let entity_id = at.filled(&wire.entity_id, "ENTITY_ID")?;
        let status_id = at.filled(&wire.status_id, "STATUS_ID")?;
        let stage = match funnel_of(&entity_id) {
            Some(funnel_id) => Some(stage(&wire, at, &entity_id, &status_id, funnel_id)?),
            None => None,
        };
        Ok(Self {
            entity_id,
            status_id,
            stage,
        })
    }

    fn key(&self) -> Self::Key {
        (self.entity_id.clone(), self.status_id.clone())
    }
}

/// The funnel whose stages the dictionary holds; nothing where it holds something else.
fn funnel_of(entity_id: &str) -> Option<i64> {
    match entity_id.strip_prefix("DEAL_STAGE")? {
        "" => Some(0),
        rest => {
            let digits = rest.strip_prefix('_')?;
            let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| whole)
        }
    }
}

fn stage(
    wire: &Wire<'_>,
    at: &At,
    entity_id: &str,
    status_id: &str,
    funnel_id: i64,
) -> Result<Stage, Misread> {
    let extra = match wire.extra {
        Some(raw) => {
            serde_json::from_str::<Keyed<'_>>(raw.get()).map_err(|_| at.misread("EXTRA"))?
        }
        None => Keyed::default(),
    };
    let extra = |name: &str| -> Loose {
        extra
            .get(name)
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default()
    };
    let color = extra("COLOR").text().and_then(|text| Color::parse(&text));
    Ok(Stage {
        id: at.int(&wire.id, "ID")?,
        entity_id: entity_id.to_owned(),
        funnel_id,
        status_id: status_id.to_owned(),
        name: at.text(&wire.name, "NAME")?,
        sort: at.int_or(&wire.sort, 0, "SORT")?,
        meaning: meaning(&extra("SEMANTICS"), &wire.semantics)
            .ok_or_else(|| at.misread("SEMANTICS"))?,
        color: color.or_else(|| Color::parse(&wire.color.text()?)),
        system: at.flag_or_off(&wire.system, "SYSTEM")?,
    })
}

fn meaning(extra: &Loose, semantics: &Loose) -> Option<Meaning> {
    match extra
        .text()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "process" => return Some(Meaning::InProgress),
        "success" => return Some(Meaning::Success),
        "failure" => return Some(Meaning::Failure),
        "apology" => return Some(Meaning::Apology),
        _ => {}
    }
    if semantics.is_empty() {
        return Some(Meaning::InProgress);
    }
    match semantics.text()?.trim() {
        "P" | "p" => Some(Meaning::InProgress),
        "S" | "s" => Some(Meaning::Success),
        "F" | "f" => Some(Meaning::Failure),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crmap_domain::{Meaning, Stage};
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::Status;
    use crate::decode::{At, Row};

    fn read(change: &serde_json::Value) -> Result<Option<Stage>, String> {
        let mut row = json!({"ID":"101","ENTITY_ID":"DEAL_STAGE","STATUS_ID":"NEW","NAME":"Новая",
            "NAME_INIT":"Новая","SORT":"10","SYSTEM":"Y","CATEGORY_ID":null,"COLOR":"#39A8EF",
            "SEMANTICS":null,"EXTRA":{"SEMANTICS":"process","COLOR":"#39A8EF"}});
        for (key, value) in change.as_object().unwrap() {
            row[key] = value.clone();
        }
        let raw = RawValue::from_string(row.to_string()).unwrap();
        Status::read(&raw, &At::row("result", 3))
            .map(|status| status.stage)
            .map_err(|misread| misread.0)
    }

    #[test]
    fn a_documented_row_is_read() {
        let stage = read(&json!({})).unwrap().unwrap();
        assert_eq!((stage.id, stage.funnel_id, stage.sort), (101, 0, 10));
        assert_eq!(
            (stage.status_id.as_str(), stage.name.as_str()),
            ("NEW", "Новая")
        );
        assert_eq!(stage.color.unwrap().as_str(), "#39a8ef");
        assert!(stage.system && stage.meaning == Meaning::InProgress);
    }

    #[test]
    fn only_dictionaries_of_deal_stages_are_funnels() {
        for (entity_id, funnel) in [
            ("DEAL_STAGE", Some(0)),
            ("DEAL_STAGE_7", Some(7)),
            ("DEAL_STAGE_+7", None),
            ("DEAL_STAGE_", None),
            ("DEAL_STAGES", None),
            ("STATUS", None),
            ("DYNAMIC_177_STAGE_7", None),
            ("DEAL_STAGE_99999999999999999999", None),
        ] {
            let stage = read(&json!({"ENTITY_ID": entity_id})).unwrap();
            assert_eq!(stage.map(|stage| stage.funnel_id), funnel, "{entity_id}");
        }
    }

    #[test]
    fn meaning_is_taken_from_extra_and_else_from_semantics() {
        for (extra, semantics, expected) in [
            (
                json!({"SEMANTICS": "apology"}),
                json!("F"),
                Some(Meaning::Apology),
            ),
            (
                json!({"SEMANTICS": "failure"}),
                json!("F"),
                Some(Meaning::Failure),
            ),
            (json!([]), json!("S"), Some(Meaning::Success)),
            (json!(null), json!("F"), Some(Meaning::Failure)),
            (json!({}), json!(""), Some(Meaning::InProgress)),
            (json!({}), json!("P"), Some(Meaning::InProgress)),
            (
                json!({"SEMANTICS": "new kind"}),
                json!("S"),
                Some(Meaning::Success),
            ),
            (json!([]), json!("X"), None),
        ] {
            let stage = read(&json!({"EXTRA": extra, "SEMANTICS": semantics}));
            assert_eq!(stage.ok().flatten().map(|stage| stage.meaning), expected);
        }
    }

    #[test]
    fn colours_are_lenient_and_the_rest_is_strict() {
        let none = read(&json!({"EXTRA": [], "COLOR": "red"}))
            .unwrap()
            .unwrap();
        assert_eq!(none.color, None);
        let second = read(&json!({"EXTRA": {"COLOR": null}, "COLOR": "#0F0"}))
            .unwrap()
            .unwrap();
        assert_eq!(second.color.unwrap().as_str(), "#00ff00");
        for (change, place) in [
            (json!({"ID": "x"}), "result[3].ID"),
            (json!({"ENTITY_ID": null}), "result[3].ENTITY_ID"),
            (json!({"STATUS_ID": ""}), "result[3].STATUS_ID"),
            (json!({"SORT": {"a": 1}}), "result[3].SORT"),
            (json!({"NAME": ["a"]}), "result[3].NAME"),
            (json!({"EXTRA": 5}), "result[3].EXTRA"),
            (json!({"SYSTEM": "maybe"}), "result[3].SYSTEM"),
        ] {
            assert_eq!(read(&change), Err(place.to_owned()));
        }
    }
}
