//! What is bound in a portal: `event.get` and `placement.get` (bitrix24.md §1.9, §7).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Loose, Misread, elements};

/// An event and the address that it is posted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoundEvent {
    /// Its name in upper case.
    pub(crate) event: String,
    pub(crate) handler: String,
}

/// A place and the address that is opened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoundPlace {
    /// Its code in upper case.
    pub(crate) place: String,
    pub(crate) handler: String,
}

#[derive(Deserialize)]
struct WireEvent {
    #[serde(default)]
    event: Loose,
    #[serde(default)]
    handler: Loose,
    #[serde(default)]
    offline: Loose,
}

#[derive(Deserialize)]
struct WirePlace {
    #[serde(default)]
    placement: Loose,
    #[serde(default)]
    handler: Loose,
}

impl BoundEvent {
    /// The rows of `event.get`, without those that only wait in a queue of the portal.
    pub(crate) fn read(raw: &RawValue) -> Result<Vec<Self>, Misread> {
        let mut rows = Vec::new();
        for (index, raw) in elements(raw, "result")?.into_iter().enumerate() {
            let wire: WireEvent = row(raw, index)?;
            if wire.offline.flag() == Some(true) {
                continue;
            }
            rows.push(Self {
                event: filled(&wire.event, index, "event")?.to_uppercase(),
                handler: filled(&wire.handler, index, "handler")?,
            });
        }
        Ok(rows)
    }
}

impl BoundPlace {
    /// The rows of `placement.get`.
    pub(crate) fn read(raw: &RawValue) -> Result<Vec<Self>, Misread> {
        let mut rows = Vec::new();
        for (index, raw) in elements(raw, "result")?.into_iter().enumerate() {
            let wire: WirePlace = row(raw, index)?;
            rows.push(Self {
                place: filled(&wire.placement, index, "placement")?.to_uppercase(),
                handler: filled(&wire.handler, index, "handler")?,
            });
        }
        Ok(rows)
    }
}

fn row<'a, T: Deserialize<'a>>(raw: &'a RawValue, index: usize) -> Result<T, Misread> {
    serde_json::from_str(raw.get()).map_err(|_| Misread(format!("result[{index}]")))
}

fn filled(value: &Loose, index: usize, name: &str) -> Result<String, Misread> {
    value
        .text()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Misread(format!("result[{index}].{name}")))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{BoundEvent, BoundPlace};

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn bound_events_are_read_and_queues_are_left_out() {
        let json = r#"[{"event":"onAppUninstall","handler":"https://c/e","auth_type":"0","offline":0},
            {"event":"ONCRMDEALADD","handler":"","offline":"1"}]"#;
        let expected = BoundEvent {
            event: "ONAPPUNINSTALL".to_owned(),
            handler: "https://c/e".to_owned(),
        };
        assert_eq!(BoundEvent::read(&raw(json)), Ok(vec![expected]));
        assert_eq!(BoundEvent::read(&raw("[]")), Ok(Vec::new()));
        let nameless = BoundEvent::read(&raw(r#"[{"handler":"https://c/e"}]"#));
        assert_eq!(nameless.unwrap_err().0, "result[0].event");
    }

    #[test]
    fn bound_places_are_read() {
        let json = r#"[{"placement":"CRM_FUNNELS_TOOLBAR","userId":0,"handler":"https://c/a",
            "options":[],"title":"CRMAP"}]"#;
        let places = BoundPlace::read(&raw(json)).unwrap();
        assert_eq!(
            (places[0].place.as_str(), places[0].handler.as_str()),
            ("CRM_FUNNELS_TOOLBAR", "https://c/a")
        );
        assert_eq!(BoundPlace::read(&raw("[5]")).unwrap_err().0, "result[0]");
    }
}
