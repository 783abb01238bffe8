//! Where a search and what it finds lead to.

use std::fmt::Write as _;

use crmap_domain::MemberId;
use crmap_domain::item::ItemKind;
use crmap_domain::search::Hit;

use super::parameter;
use crate::data::{self, Tab};

/// The page of a search, in all portals or in one.
pub(in crate::cabinet) fn of_search(query: &str, only: Option<&MemberId>) -> String {
    let mut address = Address::new("/search".to_owned());
    if !query.is_empty() {
        address.name(parameter::QUERY, query);
    }
    if let Some(member_id) = only {
        address.name(parameter::ONLY, member_id.as_str());
    }
    address.0
}

/// The row in the sheet of its portal: the tab, narrowed to the row; within one funnel, since stages
/// of two may have the same ID, and with the list of its field open.
pub(in crate::cabinet) fn of_hit(member_id: &MemberId, hit: &Hit) -> String {
    let (tab, kind) = (Tab::of_rows(hit.item.kind), hit.item.kind);
    let mut address = Address::new(format!("/portals/{member_id}"));
    address.name(data::parameter::TAB, tab.slug());
    let (id, label) = (&hit.item.id, &hit.item.label);
    match (&hit.parent, kind) {
        // A number alone would be found in others.
        (_, ItemKind::Funnel) => address.name(data::parameter::QUERY, &format!("{id} {label}")),
        (Some(funnel), ItemKind::Stage) => {
            address.name(data::parameter::QUERY, id);
            address.name(data::parameter::FUNNEL, &funnel.id);
        }
        (Some(field), _) => {
            address.name(data::parameter::QUERY, &format!("{} {id}", field.id));
            if let Some(number) = field.number {
                address.name(data::parameter::UNFOLD, &number.to_string());
            }
        }
        (None, _) => address.name(data::parameter::QUERY, id),
    }
    address.0
}

/// An address that is being written.
struct Address(String);

impl Address {
    const fn new(path: String) -> Self {
        Self(path)
    }

    fn name(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.contains('?') { '&' } else { '?' });
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.trim().bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                self.0.push(char::from(byte));
            } else {
                // Writing into a string does not fail.
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crmap_domain::EntityKind;
    use crmap_domain::item::ItemRef;
    use crmap_domain::search::HitParent;

    use super::*;

    fn hit(kind: ItemKind, id: &str, label: &str, parent: Option<(&str, Option<i64>)>) -> Hit {
        Hit {
            item: ItemRef {
                kind,
                id: id.to_owned(),
                within: None,
                label: label.to_owned(),
            },
            number: None,
            parent: parent.map(|(id, number)| HitParent {
                id: id.to_owned(),
                number,
                label: String::new(),
            }),
            label_marks: Vec::new(),
            id_marks: Vec::new(),
        }
    }

    #[test]
    fn hits_lead_to_their_rows() {
        let portal = MemberId::parse(&"a".repeat(32)).unwrap();
        let check = |hit: &Hit, expected: &str| {
            let address = of_hit(&portal, hit);
            assert_eq!(
                address.strip_prefix(&format!("/portals/{portal}?tab=")),
                Some(expected)
            );
        };
        check(
            &hit(ItemKind::Funnel, "7", "Опт", None),
            "funnels&q=7%20%D0%9E%D0%BF%D1%82",
        );
        check(
            &hit(ItemKind::Stage, "C7:WON", "", Some(("7", None))),
            "stages&q=C7%3AWON&funnel=7",
        );
        check(
            &hit(ItemKind::Stage, "C7:WON", "", None),
            "stages&q=C7%3AWON",
        );
        check(
            &hit(ItemKind::Field(EntityKind::Lead), "UF_CRM_1", "&<x>", None),
            "lead-fields&q=UF_CRM_1",
        );
        check(
            &hit(
                ItemKind::Item(EntityKind::Contact),
                "31",
                "",
                Some(("UF_CRM_1", Some(17))),
            ),
            "contact-fields&q=UF_CRM_1%2031&unfold=17",
        );
    }

    #[test]
    fn a_search_has_an_address_of_its_own() {
        let portal = MemberId::parse(&"a".repeat(32)).unwrap();
        assert_eq!(of_search("", None), "/search");
        assert_eq!(of_search("a&b", None), "/search?q=a%26b");
        assert_eq!(
            of_search("a", Some(&portal)),
            format!("/search?q=a&portal={portal}")
        );
    }
}
