//! Stages of two funnels that belong together: by name and meaning, then by identifier.

use super::matching::{Matching, Siblings};
use super::scope::Scope;
use super::signs::{bare_status, fold, is_telling, print};
use super::{Change, Difference, Row, StageId, stage_key};
use crate::Stage;
use crate::item::ItemKind;

/// The stages of one funnel.
pub(super) fn siblings<'a>(stages: impl Iterator<Item = &'a Stage>) -> Siblings<&'a Stage> {
    Siblings::new(stages.map(|stage| {
        let color = stage.color.as_ref().map(|color| color.as_str());
        let content = (&stage.name, stage.meaning as u8, color, stage.system);
        (stage, stage.sort, stage.id, print(content))
    }))
}

/// By what the stages of funnels are alike, sorted: name and meaning of each.
pub(super) fn meanings(stages: &Siblings<&Stage>) -> Vec<u64> {
    let stages = stages.all().iter();
    let mut made: Vec<u64> = stages.map(|stage| named(stage.row)).collect();
    made.sort_unstable();
    made
}

fn named(stage: &Stage) -> u64 {
    print((fold(&stage.name), stage.meaning as u8))
}

pub(super) fn compare(
    scope: &Scope<'_>,
    left: &Siblings<&Stage>,
    right: &Siblings<&Stage>,
) -> Vec<Row<StageId>> {
    let slots = scope.slots(left, right, |matching, left, right| {
        rules(scope, matching, left, right);
    });
    let rows = slots.into_iter().filter_map(|slot| {
        let sides = (
            slot.left.map(|row| *left.row(row)),
            slot.right.map(|row| *right.row(row)),
        );
        let id = |stage: &Stage| StageId {
            entity_id: stage.entity_id.clone(),
            status_id: stage.status_id.clone(),
        };
        slot.row(
            sides,
            |stage| stage.name.clone(),
            id,
            |left, right| differences(scope, left, right),
        )
    });
    rows.collect()
}

fn rules(
    scope: &Scope<'_>,
    matching: &mut Matching,
    left: &Siblings<&Stage>,
    right: &Siblings<&Stage>,
) {
    let key = |stage: &Stage| stage_key(&stage.entity_id, &stage.status_id);
    scope.hand.apply(
        ItemKind::Stage,
        matching,
        |row| key(left.row(row)),
        |row| key(right.row(row)),
    );
    let mut by = |sign: &dyn Fn(&Stage) -> Option<u64>| {
        matching.align(|row| sign(left.row(row)), |row| sign(right.row(row)));
    };
    if scope.same_portal {
        by(&|stage| Some(print((&stage.entity_id, &stage.status_id))));
    }
    let bare = |stage: &Stage| print(bare_status(&stage.status_id));
    matching.align(
        |row| Some(print((left.at(row).print, bare(left.row(row))))),
        |row| Some(print((right.at(row).print, bare(right.row(row))))),
    );
    matching.align(
        |row| Some(left.at(row).print),
        |row| Some(right.at(row).print),
    );
    let mut by = |sign: &dyn Fn(&Stage) -> Option<u64>| {
        matching.align(|row| sign(left.row(row)), |row| sign(right.row(row)));
    };
    by(&|stage| Some(print((named(stage), bare(stage)))));
    by(&|stage| Some(print((&stage.name, stage.meaning as u8))));
    by(&|stage| Some(named(stage)));
    let name = |stage: &Stage| Some(print(fold(&stage.name)));
    matching.join_sole(|row| name(left.row(row)), |row| name(right.row(row)));
    // The name is another; the identifier, which nobody can change, may still be the same.
    let mut by = |sign: &dyn Fn(&Stage) -> Option<u64>| {
        matching.align(|row| sign(left.row(row)), |row| sign(right.row(row)));
    };
    by(&|stage| is_telling(bare_status(&stage.status_id)).then(|| bare(stage)));
    if let Some((l, r)) = matching.last()
        && left.row(l).meaning == right.row(r).meaning
        && matching.at_one_place((l, r), left, right)
    {
        matching.pair(l, r);
    }
}

fn differences(scope: &Scope<'_>, left: &Stage, right: &Stage) -> Vec<Difference> {
    let id = Change::between(left.status_id.as_str(), &right.status_id);
    let found = [
        id.filter(|_| scope.same_portal).map(Difference::Id),
        Change::between(left.name.as_str(), &right.name).map(Difference::Name),
        Change::between(&left.meaning, &right.meaning).map(Difference::Meaning),
        Change::between(&left.color, &right.color).map(Difference::Color),
        Change::between(&left.system, &right.system).map(Difference::System),
    ];
    found.into_iter().flatten().collect()
}
