//! What a portal says of itself and of the asking user: `profile`, `app.info` and
//! `crm.settings.mode.get` (bitrix24.md §4.6-4.8).

use crmap_domain::Viewer;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::user::joined;
use super::{At, Loose, Misread, elements};

/// Longer and more than any that Bitrix24 has.
const LONGEST_SCOPE: usize = 64;
const MOST_SCOPES: usize = 256;

/// The user whose rights decide what is seen.
pub(crate) struct Profile(pub(crate) Viewer);

/// What the portal says of the application and of its own plan. A webhook is told less.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AppInfo {
    pub(crate) plan: Option<String>,
    pub(crate) installed: Option<bool>,
    pub(crate) version: Option<i64>,
    pub(crate) payment_expired: Option<bool>,
}

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
    #[serde(default, rename = "INSTALLED")]
    installed: Loose,
    #[serde(default, rename = "VERSION")]
    version: Loose,
    #[serde(default, rename = "PAYMENT_EXPIRED")]
    payment_expired: Loose,
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

impl AppInfo {
    pub(crate) fn read(raw: &RawValue) -> Result<Self, Misread> {
        let at = At("result".to_owned());
        let wire: WireInfo = at.object(raw)?;
        Ok(Self {
            plan: Some(at.text(&wire.license, "LICENSE")?).filter(|plan| !plan.is_empty()),
            // These only inform: what cannot be read is as good as not told.
            installed: wire.installed.flag(),
            version: wire.version.int(),
            payment_expired: wire.payment_expired.flag(),
        })
    }
}

/// The scopes that the application or webhook was given.
pub(crate) fn scopes(raw: &RawValue) -> Result<Vec<String>, Misread> {
    let named = elements(raw, "result")?.into_iter().filter_map(|raw| {
        let scope: Loose = serde_json::from_str(raw.get()).ok()?;
        scope
            .text()
            .filter(|name| !name.is_empty() && name.len() <= LONGEST_SCOPE)
    });
    Ok(named.take(MOST_SCOPES).collect())
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

    use super::{AppInfo, Profile, scopes, works_with_leads};

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
        let plan = |json| AppInfo::read(&raw(json)).unwrap().plan;
        assert_eq!(
            plan(r#"{"LICENSE":"ru_basic"}"#).as_deref(),
            Some("ru_basic")
        );
        assert_eq!(plan(r#"{"SCOPE":["crm"],"LICENSE":null}"#), None);
        assert_eq!(plan("{}"), None);
    }

    #[test]
    fn what_the_portal_says_of_the_application_is_read_in_any_type() {
        let json = r#"{"VERSION":"4","INSTALLED":"Y","PAYMENT_EXPIRED":"N","LICENSE":"ru_basic"}"#;
        let expected = AppInfo {
            plan: Some("ru_basic".to_owned()),
            installed: Some(true),
            version: Some(4),
            payment_expired: Some(false),
        };
        assert_eq!(AppInfo::read(&raw(json)), Ok(expected));
        let vague = AppInfo::read(&raw(r#"{"VERSION":"1.0.0","INSTALLED":[]}"#)).unwrap();
        assert_eq!((vague.version, vague.installed), (None, None));
    }

    #[test]
    fn scopes_are_a_list_however_it_is_written() {
        let read = |json: &str| scopes(&raw(json));
        assert_eq!(read(r#"["crm","placement"]"#).unwrap().len(), 2);
        assert_eq!(read(r#"{"1":"crm"}"#).unwrap(), ["crm"]);
        assert_eq!(read("[]").unwrap().len(), 0);
        assert_eq!(read(r#"["crm",null,{}]"#).unwrap(), ["crm"]);
        assert!(read("\"crm\"").is_err());
    }

    #[test]
    fn the_mode_tells_whether_there_are_leads() {
        assert_eq!(works_with_leads(&raw("1")), Ok(true));
        assert_eq!(works_with_leads(&raw("\"2\"")), Ok(false));
        assert!(works_with_leads(&raw("null")).is_err());
    }
}
