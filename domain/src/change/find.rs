//! What an ID stands for in one reading.

use serde::{Deserialize, Serialize};

use super::rows::Row;
use super::{Attribute, Value};
use crate::item::{ItemKind, ItemRef};
use crate::{EntityKind, Specification};

/// A row with what describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Which row.
    pub item: ItemRef,
    /// What it held, its position first.
    pub attributes: Vec<(Attribute, Value)>,
}

/// The rows that have this ID, in the order in which specifications list them: numbers are of
/// several kinds. Capitals do not matter. Of very many the first hundred.
#[must_use]
pub fn find(specification: &Specification, id: &str) -> Vec<Described> {
    let mut found = Vec::new();
    let mut look = Look {
        id,
        found: &mut found,
    };
    look.among(ItemKind::Funnel, None, specification.funnels.rows());
    look.among(ItemKind::Stage, None, specification.stages.rows());
    for entity in EntityKind::ALL {
        let fields = specification.fields.of(entity);
        let fields = fields.map_or(&[][..], |section| section.rows());
        look.among(ItemKind::Field(entity), None, fields);
        for field in fields {
            let kind = ItemKind::Item(entity);
            look.among(kind, Some(&field.code), &field.items);
        }
    }
    look.among(ItemKind::User, None, specification.users.rows());
    found
}

/// How many rows are found at the most: lists of many fields may number their items alike.
const MOST: usize = 100;

struct Look<'a> {
    id: &'a str,
    found: &'a mut Vec<Described>,
}

impl Look<'_> {
    fn among<T: Row>(&mut self, kind: ItemKind, within: Option<&str>, rows: &[T]) {
        for row in rows {
            let id = row.id();
            if !id.eq_ignore_ascii_case(self.id) || self.found.len() >= MOST {
                continue;
            }
            let order = row
                .sort()
                .map(|sort| (Attribute::Order, Value::Number(sort)));
            self.found.push(Described {
                item: ItemRef {
                    kind,
                    id,
                    within: within.or(row.within()).map(str::to_owned),
                    label: row.label().to_owned(),
                },
                attributes: order.into_iter().chain(row.attributes()).collect(),
            });
        }
    }
}
