//! Numbers of rows.

use crmap_domain::{EntityKind, FieldTotals, Refusal, Section, Totals};

use crate::sample;

#[test]
fn sections_are_counted_and_refused_ones_are_not_taken_for_empty() {
    let mut specification = sample::specification();
    let totals = specification.totals();
    assert_eq!(
        totals,
        Totals {
            funnels: Some(2),
            stages: Some(5),
            deal_fields: Some(FieldTotals {
                fields: 4,
                items: 3
            }),
            contact_fields: Some(FieldTotals::default()),
            company_fields: None,
            lead_fields: None,
            users: Some(2),
        }
    );
    assert_eq!(totals.fields(EntityKind::Deal), totals.deal_fields);
    specification.users = Section::Refused(Refusal::PlanRequired);
    assert_eq!(specification.totals().users, None);
}
