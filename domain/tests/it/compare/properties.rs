//! What holds for any two specifications.

use crmap_domain::Specification;
use crmap_domain::compare::{Change, Compared, Comparison, Difference, Ids, Row, Unknown, compare};
use proptest::prelude::*;

use super::changes::{KINDS, change};
use super::copy::renumbered;
use super::findings::findings;
use super::world::world;
use crate::arbitrary::{config, specification};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_permuted_and_renumbered_copy_has_no_difference(world in world(), seed in any::<u64>()) {
        let copy = renumbered(&world, seed);
        prop_assert_eq!(findings(&compare(&world, &copy, &[])), Vec::<String>::new());
        prop_assert_eq!(findings(&compare(&copy, &world, &[])), Vec::<String>::new());
        prop_assert!(compare(&world, &copy, &[]).is_equal());
    }

    #[test]
    fn a_single_change_is_exactly_that_one(
        world in world(),
        seed in any::<u64>(),
        kind in proptest::sample::select(&KINDS[..]),
        at in 0..200_usize,
    ) {
        let mut changed = world.clone();
        prop_assume!(change(&mut changed, kind, at));
        let other = renumbered(&changed, seed);
        prop_assert_eq!(findings(&compare(&world, &other, &[])), [kind], "between two portals");
        let turned = kind.replace("left", "!").replace("right", "left").replace('!', "right");
        prop_assert_eq!(findings(&compare(&other, &world, &[])), [turned], "the other way round");
    }

    #[test]
    fn a_single_change_of_one_portal_is_exactly_that_one(
        world in world(),
        kind in proptest::sample::select(&KINDS[..]),
        at in 0..200_usize,
    ) {
        // A field of another code is another field.
        prop_assume!(kind != "field code");
        let mut changed = world.clone();
        prop_assume!(change(&mut changed, kind, at));
        prop_assert_eq!(findings(&compare(&world, &changed, &[])), [kind]);
    }

    #[test]
    fn whatever_is_compared_with_itself_is_equal(world in world(), any in specification()) {
        for specification in [world, any] {
            let comparison = compare(&specification, &specification, &[]);
            prop_assert_eq!(findings(&comparison), Vec::<String>::new());
            let totals = comparison.totals();
            prop_assert_eq!(totals.all.different + totals.all.only_left + totals.all.only_right, 0);
        }
    }

    #[test]
    fn the_right_side_compared_with_the_left_is_the_mirror(
        world in world(),
        seed in any::<u64>(),
        changes in proptest::collection::vec((proptest::sample::select(&KINDS[..]), 0..200_usize), 0..6),
    ) {
        let mut other = world.clone();
        for (kind, at) in changes {
            change(&mut other, kind, at);
        }
        check_mirror(&world, &renumbered(&other, seed))?;
        check_mirror(&world, &other)?;
    }

    #[test]
    fn any_two_specifications_are_mirrored_and_counted(left in specification(), right in specification()) {
        check_mirror(&left, &right)?;
        let comparison = compare(&left, &right, &[]);
        let both = |ids: usize, one: usize| ids as u32 + one as u32;
        if let Some(tally) = comparison.totals().funnels {
            let rows = both(left.funnels.rows().len(), right.funnels.rows().len());
            prop_assert!(2 * (tally.equal + tally.different) + tally.only_left + tally.only_right >= rows);
        }
        for fields in &comparison.fields {
            let count = |of: &Specification| of.fields.of(fields.entity).map_or(0, |rows| rows.rows().len());
            let rows = fields.rows.rows();
            if !rows.is_empty() {
                let sides = rows.iter().map(|field| 1 + usize::from(matches!(field.row.ids, Ids::Both { .. })));
                prop_assert_eq!(sides.sum::<usize>(), count(&left) + count(&right));
            }
        }
    }
}

fn check_mirror(left: &Specification, right: &Specification) -> Result<(), TestCaseError> {
    let there = unordered(compare(left, right, &[]));
    let back = unordered(mirrored(compare(right, left, &[])));
    prop_assert_eq!(there, back);
    Ok(())
}

fn mirrored(mut of: Comparison) -> Comparison {
    std::mem::swap(&mut of.left, &mut of.right);
    if let Compared::Rows(rows) = &mut of.funnels {
        for funnel in rows {
            mirror(&mut funnel.row);
            funnel.stages.iter_mut().for_each(mirror);
        }
    }
    for unknown in of.stages.iter_mut().chain(unknowns(&mut of.funnels)) {
        std::mem::swap(&mut unknown.left, &mut unknown.right);
    }
    for fields in &mut of.fields {
        if let Some(unknown) = unknowns(&mut fields.rows) {
            std::mem::swap(&mut unknown.left, &mut unknown.right);
        }
        if let Compared::Rows(rows) = &mut fields.rows {
            for field in rows {
                mirror(&mut field.row);
                field.items.iter_mut().for_each(mirror);
            }
        }
    }
    of
}

fn unknowns<T>(of: &mut Compared<T>) -> Option<&mut Unknown> {
    match of {
        Compared::Rows(_) => None,
        Compared::Unknown(unknown) => Some(unknown),
    }
}

/// The label stays: it is put right by whoever compares.
fn mirror<I: Clone>(row: &mut Row<I>) {
    row.ids = match row.ids.clone() {
        Ids::Both { left, right } => Ids::Both {
            left: right,
            right: left,
        },
        Ids::Left(id) => Ids::Right(id),
        Ids::Right(id) => Ids::Left(id),
    };
    for difference in &mut row.differences {
        if let Difference::Name(change) = difference {
            row.label.clone_from(&change.right);
        }
        turn(difference);
    }
}

fn turn(difference: &mut Difference) {
    fn swap<T>(change: &mut Change<T>) {
        std::mem::swap(&mut change.left, &mut change.right);
    }
    match difference {
        Difference::Id(change)
        | Difference::Name(change)
        | Difference::Code(change)
        | Difference::Type(change) => swap(change),
        Difference::RefersTo(change) => swap(change),
        Difference::Required(change)
        | Difference::Multiple(change)
        | Difference::Default(change)
        | Difference::System(change) => swap(change),
        Difference::Meaning(change) => swap(change),
        Difference::Color(change) => swap(change),
        Difference::XmlId(change) => swap(change),
        Difference::Place(change) => swap(change),
    }
}

/// Rows stand in the order of the left side, which is another when the sides change; a field's type
/// is the left side's.
fn unordered(mut of: Comparison) -> Comparison {
    fn sort<I: std::fmt::Debug>(rows: &mut [Row<I>]) {
        rows.sort_by_key(|row| format!("{:?}", row.ids));
    }
    if let Compared::Rows(rows) = &mut of.funnels {
        rows.sort_by_key(|funnel| format!("{:?}", funnel.row.ids));
        rows.iter_mut().for_each(|funnel| sort(&mut funnel.stages));
    }
    for fields in &mut of.fields {
        if let Compared::Rows(rows) = &mut fields.rows {
            rows.sort_by_key(|field| format!("{:?}", field.row.ids));
            for field in rows {
                sort(&mut field.items);
                field.type_code.clear();
            }
        }
    }
    of
}
