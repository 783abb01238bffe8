//! Rows as they are compared: by what they are told apart, and what describes them.

use super::{Attribute, Value};
use crate::{CustomField, Funnel, ListItem, PortalUser, Stage};

/// A row of a specification.
pub(super) trait Row {
    /// What it is told from its likes by, within one section or list.
    type Key<'a>: Ord + Copy
    where
        Self: 'a;

    fn key(&self) -> Self::Key<'_>;
    /// The ID that people use.
    fn id(&self) -> String;
    /// What the ID is unique in, where that is not the portal.
    fn within(&self) -> Option<&str> {
        None
    }
    fn label(&self) -> &str;
    /// Its position among those with the same [`within`](Self::within).
    fn sort(&self) -> Option<i64>;
    /// What describes it besides name and position, always in the same order.
    fn attributes(&self) -> Vec<(Attribute, Value)>;
}

impl Row for Funnel {
    type Key<'a> = i64;

    fn key(&self) -> i64 {
        self.id
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> &str {
        &self.name
    }

    fn sort(&self) -> Option<i64> {
        Some(self.sort)
    }

    fn attributes(&self) -> Vec<(Attribute, Value)> {
        vec![(Attribute::Default, Value::Flag(self.is_default))]
    }
}

impl Row for Stage {
    type Key<'a> = (&'a str, &'a str);

    fn key(&self) -> (&str, &str) {
        (&self.entity_id, &self.status_id)
    }

    fn id(&self) -> String {
        self.status_id.clone()
    }

    fn within(&self) -> Option<&str> {
        Some(&self.entity_id)
    }

    fn label(&self) -> &str {
        &self.name
    }

    fn sort(&self) -> Option<i64> {
        Some(self.sort)
    }

    fn attributes(&self) -> Vec<(Attribute, Value)> {
        let color = self.color.as_ref().map(|color| color.as_str());
        vec![
            (Attribute::Number, Value::Number(self.id)),
            (Attribute::Funnel, Value::Number(self.funnel_id)),
            (Attribute::Meaning, Value::Meaning(self.meaning)),
            (Attribute::Color, text(color)),
            (Attribute::System, Value::Flag(self.system)),
        ]
    }
}

impl Row for CustomField {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.code
    }

    fn id(&self) -> String {
        self.code.clone()
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn sort(&self) -> Option<i64> {
        Some(self.sort)
    }

    fn attributes(&self) -> Vec<(Attribute, Value)> {
        vec![
            (Attribute::Number, Value::Number(self.id)),
            (Attribute::Type, Value::Type(self.type_code.clone())),
            (Attribute::RefersTo, texts(&self.refers_to)),
            (Attribute::Required, Value::Flag(self.required)),
            (Attribute::Multiple, Value::Flag(self.multiple)),
            (Attribute::XmlId, text(self.xml_id.as_deref())),
        ]
    }
}

impl Row for ListItem {
    type Key<'a> = i64;

    fn key(&self) -> i64 {
        self.id
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> &str {
        &self.value
    }

    fn sort(&self) -> Option<i64> {
        Some(self.sort)
    }

    fn attributes(&self) -> Vec<(Attribute, Value)> {
        vec![
            (Attribute::Default, Value::Flag(self.is_default)),
            (Attribute::XmlId, text(self.xml_id.as_deref())),
        ]
    }
}

impl Row for PortalUser {
    type Key<'a> = i64;

    fn key(&self) -> i64 {
        self.id
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> &str {
        &self.name
    }

    fn sort(&self) -> Option<i64> {
        None
    }

    fn attributes(&self) -> Vec<(Attribute, Value)> {
        vec![
            (Attribute::Position, text(Some(&self.position))),
            (Attribute::Departments, texts(&self.departments)),
            (Attribute::Active, Value::Flag(self.active)),
        ]
    }
}

fn text(text: Option<&str>) -> Value {
    text.filter(|text| !text.is_empty())
        .map_or(Value::Nothing, |text| Value::Text(text.to_owned()))
}

fn texts(texts: &[String]) -> Value {
    if texts.is_empty() {
        Value::Nothing
    } else {
        Value::Texts(texts.to_vec())
    }
}
