//! What a portal says of itself and of the asking user: `profile`, `app.info` and
//! `crm.settings.mode.get` (bitrix24.md §4.6-4.8).

use crmap_domain::Viewer;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::user::joined;
use super::{At, Loose, Misread};

/// The user whose rights decide what is seen.
pub(crate) struct Profile(pub(crate) Viewer);

/// The plan.
pub(crate) struct License(pub(crate) Option<String>);

#[derive(Deserialize)]
struct WireProfile {
    #[serde(default, rename = "ID")]
    id: Loose,
    #[serde(default, rename = "ADMIN")]
    admin: Loose,
    #[serde(default, rename = "NAME")]
    name: Loose,
    #[serde(default, rename = "LAST_NAME")]
    last_name: Loose,
}

#[derive(Deserialize)]
struct WireInfo {
    #[serde(default, rename = "LICENSE")]
    license: Loose,
}

impl Profile {
    pub(crate) fn read(raw: &RawValue) -> Result<Self, Misread> {
        let at = At("result".to_owned());
        let wire: WireProfile = at.object(raw)?;
        Ok(Self(Viewer {
            id: at.int(&wire.id, "ID")?,
            name: joined(&[
                at.text(&wire.name, "NAME")?,
                at.text(&wire.last_name, "LAST_NAME")?,
            ]),
            administrator: at.flag_or_off(&wire.admin, "ADMIN")?,
        }))
    }
}

impl License {
    pub(crate) fn read(raw: &RawValue) -> Result<Self, Misread> {
        let at = At("result".to_owned());
        let wire: WireInfo = at.object(raw)?;
        Ok(Self(
            Some(at.text(&wire.license, "LICENSE")?).filter(|plan| !plan.is_empty()),
        ))
    }
}

/// Whether the portal works with leads: mode 1 is with them, mode 2 without.
pub(crate) fn works_with_leads(raw: &RawValue) -> Result<bool, Misread> {
    let mode: Loose = serde_json::from_str(raw.get()).unwrap_or_default();
    match mode.int() {
        Some(1) => Ok(true),
        Some(2) => Ok(false),
        _ => Err(Misread("result".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{License, Profile, works_with_leads};

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn the_viewer_is_read() {
        let json = r#"{"ID":"1","ADMIN":true,"NAME":" Анна","LAST_NAME":null,"TIME_ZONE":""}"#;
        let viewer = Profile::read(&raw(json)).unwrap().0;
        assert_eq!(
            (viewer.id, viewer.name.as_str(), viewer.administrator),
            (1, "Анна", true)
        );
        let nobody = Profile::read(&raw(r#"{"ID":null}"#)).err().unwrap();
        assert_eq!(nobody.0, "result.ID");
        assert!(Profile::read(&raw("[]")).is_err());
    }

    #[test]
    fn the_plan_may_be_kept_silent() {
        let plan = |json| License::read(&raw(json)).unwrap().0;
        assert_eq!(
            plan(r#"{"LICENSE":"ru_basic"}"#).as_deref(),
            Some("ru_basic")
        );
        assert_eq!(plan(r#"{"SCOPE":["crm"],"LICENSE":null}"#), None);
        assert_eq!(plan("{}"), None);
    }

    #[test]
    fn the_mode_tells_whether_there_are_leads() {
        assert_eq!(works_with_leads(&raw("1")), Ok(true));
        assert_eq!(works_with_leads(&raw("\"2\"")), Ok(false));
        assert!(works_with_leads(&raw("null")).is_err());
    }
}
