//! What a comparison finds, one line each.

use crmap_domain::compare::{Comparison, Difference, Row, Verdict};

/// Everything but what is equal; what belongs below a row that stands alone is part of it.
pub fn findings(comparison: &Comparison) -> Vec<String> {
    let mut found = Vec::new();
    for funnel in comparison.funnels.rows() {
        if look("funnel", &funnel.row, &mut found) {
            for stage in &funnel.stages {
                look("stage", stage, &mut found);
            }
        }
    }
    for fields in &comparison.fields {
        for field in fields.rows.rows() {
            if look("field", &field.row, &mut found) {
                for item in &field.items {
                    look("item", item, &mut found);
                }
            }
        }
    }
    found
}

/// Says whether the row is on both sides.
fn look<I>(kind: &str, row: &Row<I>, found: &mut Vec<String>) -> bool {
    match row.verdict() {
        Verdict::Equal => {}
        Verdict::Different => {
            let attributes = row.differences.iter().map(attribute);
            found.extend(attributes.map(|attribute| format!("{kind} {attribute}")));
        }
        Verdict::OnlyLeft => found.push(format!("{kind} left")),
        Verdict::OnlyRight => found.push(format!("{kind} right")),
    }
    matches!(row.verdict(), Verdict::Equal | Verdict::Different)
}

fn attribute(difference: &Difference) -> &'static str {
    match difference {
        Difference::Id(_) => "id",
        Difference::Name(_) => "name",
        Difference::Code(_) => "code",
        Difference::Type(_) => "type",
        Difference::RefersTo(_) => "refers_to",
        Difference::Required(_) => "required",
        Difference::Multiple(_) => "multiple",
        Difference::Default(_) => "default",
        Difference::Meaning(_) => "meaning",
        Difference::Color(_) => "color",
        Difference::System(_) => "system",
        Difference::XmlId(_) => "xml_id",
        Difference::Place(_) => "place",
    }
}
