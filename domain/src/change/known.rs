//! What stays known of a portal while a reading is refused a part of it.

use crate::{EntityKind, Fields, Refusal, Section, Specification};

/// The last known rows of those sections that `after` was refused, for the reading that will be
/// given them again; nothing where it was given all. `known` is what this function said of the
/// reading `before`.
#[must_use]
pub fn known_after(
    before: &Specification,
    known: Option<&Specification>,
    after: &Specification,
) -> Option<Specification> {
    let mut kept = Specification {
        portal: after.portal.clone(),
        reading: before.reading.clone(),
        funnels: unknown(),
        stages: unknown(),
        fields: Fields {
            deal: unknown(),
            contact: unknown(),
            company: unknown(),
            lead: None,
        },
        users: unknown(),
    };
    let carry = Carry {
        before,
        known,
        after,
    };
    let mut sources = Vec::new();
    sources.extend(carry.over(&mut kept.funnels, |of| Some(&of.funnels)));
    sources.extend(carry.over(&mut kept.stages, |of| Some(&of.stages)));
    sources.extend(carry.over(&mut kept.users, |of| Some(&of.users)));
    for entity in EntityKind::ALL {
        let mut section = unknown();
        let source = carry.over(&mut section, |of| of.fields.of(entity));
        if source.is_some() {
            sources.extend(source);
            kept.fields.put(entity, section);
        }
    }
    // Where they come from different readings, no more is believed of any than of the least.
    kept.reading.viewer.administrator = sources
        .iter()
        .all(|of: &&Specification| of.reading.viewer.administrator);
    if let Some(source) = sources.first() {
        kept.reading.lang = source.reading.lang;
    }
    (!sources.is_empty()).then_some(kept)
}

struct Carry<'a> {
    before: &'a Specification,
    known: Option<&'a Specification>,
    after: &'a Specification,
}

impl<'a> Carry<'a> {
    /// Says which reading the rows are of, where there is anything to carry over.
    fn over<T: Clone + 'a>(
        &self,
        to: &mut Section<T>,
        section: impl Fn(&'a Specification) -> Option<&'a Section<T>>,
    ) -> Option<&'a Specification> {
        if matches!(section(self.after), Some(Section::Rows(_))) {
            return None;
        }
        let sources = [Some(self.before), self.known].into_iter().flatten();
        for source in sources {
            if let Some(Section::Rows(rows)) = section(source) {
                *to = Section::Rows(rows.clone());
                return Some(source);
            }
        }
        None
    }
}

const fn unknown<T>() -> Section<T> {
    Section::Refused(Refusal::NotSupported)
}
