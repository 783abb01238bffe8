//! Funnels of deals and their stages.

use serde::{Deserialize, Serialize};

/// A funnel of deals: `crm.category` with entityTypeId 2 (bitrix24.md §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Funnel {
    /// The funnel's number; the default funnel of deals has 0.
    pub id: i64,
    /// The name that people gave it.
    pub name: String,
    /// Position among the funnels, smaller first.
    pub sort: i64,
    /// Whether new deals land here when nobody says otherwise.
    pub is_default: bool,
}

/// A stage of a funnel: `crm.status` of `ENTITY_ID` `DEAL_STAGE` or `DEAL_STAGE_n`
/// (bitrix24.md §4.2). Its key is (`entity_id`, `status_id`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stage {
    /// The row's number in the portal's dictionary table.
    pub id: i64,
    /// The dictionary that it belongs to: `DEAL_STAGE_7`.
    pub entity_id: String,
    /// The funnel that the dictionary belongs to.
    pub funnel_id: i64,
    /// The identifier that deals, robots and REST use, with its prefix: `C7:WON`.
    pub status_id: String,
    /// The name that people gave it.
    pub name: String,
    /// Position within the funnel, smaller first.
    pub sort: i64,
    /// What a deal in this stage has come to.
    pub meaning: Meaning,
    /// The colour in which the portal draws it.
    pub color: Option<Color>,
    /// Whether Bitrix24 made it and guards it against removal.
    pub system: bool,
}

/// What a stage means for a deal in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Work goes on.
    InProgress,
    /// Won.
    Success,
    /// Lost.
    Failure,
    /// Lost for a reason worth a look of its own; a second kind of failure.
    Apology,
}

/// A colour as `#rrggbb`, checked: nothing else reaches a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^#[0-9a-f]{6}$")))]
#[serde(try_from = "String", into = "String")]
pub struct Color(String);

/// Said of a text that is not a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits")]
pub struct InvalidColor;

impl Color {
    /// Accepts `#` with three or six hexadecimal digits and keeps `#rrggbb` in lower case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let full = match digits.len() {
            6 => digits.to_ascii_lowercase(),
            3 => digits
                .chars()
                .flat_map(|digit| [digit, digit])
                .collect::<String>(),
            _ => return None,
        };
        Some(Self(format!("#{}", full.to_ascii_lowercase())))
    }

    /// The colour as CSS and SVG take it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Color {
    type Error = InvalidColor;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(InvalidColor)
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.0
    }
}
