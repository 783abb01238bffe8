//! Differences of two readings: nothing where nothing differs, one where one thing does, and never a
//! deletion out of what somebody may not see.

use crmap_domain::change::{
    Altered, Attribute, Change, ChangeKind, Difference, Value, changes, find, known_after,
};
use crmap_domain::item::ItemKind;
use crmap_domain::{Color, EntityKind, Lang, Refusal, Section, Specification};
use proptest::prelude::*;

use crate::arbitrary::{config, specification};
use crate::sample;

/// A reading of the sample with all sections.
fn whole() -> Specification {
    let mut whole = sample::specification();
    let mut field = sample::field(900, "UF_CRM_1", "ИНН", "string");
    field.sort = 5;
    whole.fields.company = Section::Rows(vec![field]);
    whole.sort();
    whole
}

fn after(change: impl FnOnce(&mut Specification)) -> Vec<Change> {
    let (before, mut after) = (whole(), whole());
    change(&mut after);
    after.sort();
    changes(&before, None, &after)
}

fn rows<T>(section: &mut Section<T>) -> &mut Vec<T> {
    match section {
        Section::Rows(rows) => rows,
        Section::Refused(_) => panic!("refused"),
    }
}

fn told(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|one| one.sentence(Lang::Ru)).collect()
}

#[test]
fn what_changed_is_told_in_words_by_its_id() {
    let added = after(|of| {
        let stage = sample::stage(9, 9, "C9:DONE", "Готово", crmap_domain::Meaning::Success);
        rows(&mut of.stages).push(stage);
    });
    assert_eq!(told(&added), ["Добавлен статус C9:DONE «Готово»"]);
    let renamed = after(|of| rows(&mut of.fields.company)[0].label = "ИНН/КПП".to_owned());
    assert_eq!(
        told(&renamed),
        ["Поле компании UF_CRM_1 переименовано: «ИНН» → «ИНН/КПП»"]
    );
    let both = after(|of| {
        let stage = &mut rows(&mut of.stages)[0];
        stage.name = "Первая".to_owned();
        stage.color = Color::parse("#000000");
    });
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].difference.kind(), ChangeKind::Changed);
    assert_eq!(
        both[0].sentence(Lang::En),
        "Stage C9:NEW “Первая” changed: name: Заявка → Первая; colour: #39a8ef → #000000"
    );
    let item = after(|of| {
        let fields = rows(&mut of.fields.deal);
        let channel = fields
            .iter_mut()
            .find(|field| !field.items.is_empty())
            .unwrap();
        channel.items.retain(|item| item.id != 3157);
    });
    assert_eq!(
        told(&item),
        ["Удалён элемент списка 3157 «Сайт» поля UF_CRM_1724077760"]
    );
    let dismissed = after(|of| rows(&mut of.users)[0].active = false);
    assert_eq!(
        told(&dismissed),
        ["Сотрудник 1 «Анна Титова» изменён: работает: да → нет"]
    );
}

#[test]
fn a_funnel_takes_its_stages_along_and_a_field_its_items_untold() {
    let gone = after(|of| {
        rows(&mut of.funnels).retain(|funnel| funnel.id != 9);
        rows(&mut of.stages).retain(|stage| stage.funnel_id != 9);
        rows(&mut of.fields.deal).retain(|field| field.items.is_empty());
    });
    let ids: Vec<_> = gone.iter().map(|one| one.item.id.as_str()).collect();
    assert_eq!(ids, ["9", "C9:NEW", "UF_CRM_1724077760"]);
    assert!(gone.iter().all(|one| one.difference == Difference::Removed));
}

#[test]
fn numbering_anew_is_no_change_and_changing_places_is_one() {
    let anew = after(|of| {
        for funnel in rows(&mut of.funnels) {
            funnel.sort = funnel.sort * 10 + 7;
        }
        for field in rows(&mut of.fields.deal) {
            field.sort += 1_000;
        }
    });
    assert_eq!(anew, []);
    let moved = after(|of| rows(&mut of.funnels)[0].sort = 400);
    let altered = Altered {
        attribute: Attribute::Order,
        before: Value::Number(200),
        after: Value::Number(400),
    };
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].item.id, "9");
    assert_eq!(moved[0].difference, Difference::Changed(vec![altered]));
}

#[test]
fn a_shrunken_view_is_no_deletion_nor_is_seeing_more_an_addition() {
    let all = whole();
    let mut less = whole();
    rows(&mut less.funnels).remove(0);
    rows(&mut less.users)[0].position = "Советник".to_owned();
    less.reading.viewer.administrator = false;
    let seen = changes(&all, None, &less);
    assert_eq!(seen.len(), 1, "an employee sees what changed: {seen:?}");
    assert_eq!(seen[0].item.kind, ItemKind::User);
    let back = changes(&less, None, &all);
    assert_eq!(back.len(), 1, "{back:?}");
    // An administrator who does not find what an employee saw knows that it is gone.
    less.reading.viewer.administrator = true;
    let mut employees = whole();
    employees.reading.viewer.administrator = false;
    assert_eq!(changes(&employees, None, &less).len(), 2);
}

#[test]
fn a_section_that_was_refused_is_compared_with_what_was_last_known_of_it() {
    let first = whole();
    let mut refused = whole();
    refused.users = Section::Refused(Refusal::NoRights);
    refused.fields.deal = Section::Refused(Refusal::NoRights);
    assert_eq!(changes(&first, None, &refused), []);
    let known = known_after(&first, None, &refused).unwrap();
    // Refused once more, it stays known.
    let known = known_after(&refused, Some(&known), &refused).unwrap();
    let mut given = whole();
    rows(&mut given.users).pop();
    let told = changes(&refused, Some(&known), &given);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].difference, Difference::Removed);
    assert_eq!(known_after(&refused, Some(&known), &given), None);
    // What was never known is not new.
    assert_eq!(changes(&refused, None, &given), []);
}

#[test]
fn labels_of_another_language_are_no_renaming() {
    let mut english = whole();
    english.reading.lang = Lang::En;
    rows(&mut english.fields.company)[0].label = "Tax number".to_owned();
    assert_eq!(changes(&whole(), None, &english), []);
}

#[test]
fn an_id_is_found_in_whatever_has_it() {
    let of = whole();
    let stage = find(&of, "c9:new");
    assert_eq!(stage.len(), 1);
    assert_eq!(stage[0].item.label, "Заявка");
    assert_eq!(
        stage[0].attributes[0],
        (Attribute::Order, Value::Number(10))
    );
    let item = find(&of, "3158");
    assert_eq!(item[0].item.within.as_deref(), Some("UF_CRM_1724077760"));
    assert_eq!(find(&of, "3"), []);
}

/// Turned around: what one way was added is removed the other way.
fn mirrored(changes: Vec<Change>) -> Vec<(ItemKind, String, Option<String>, Difference)> {
    let turned = changes.into_iter().map(|change| {
        let difference = match change.difference {
            Difference::Added => Difference::Removed,
            Difference::Removed => Difference::Added,
            Difference::Renamed { before, after } => Difference::Renamed {
                before: after,
                after: before,
            },
            Difference::Changed(altered) => {
                let turn = |one: Altered| Altered {
                    before: one.after,
                    after: one.before,
                    ..one
                };
                Difference::Changed(altered.into_iter().map(turn).collect())
            }
        };
        let item = change.item;
        (item.kind, item.id, item.within, difference)
    });
    sorted(turned.collect())
}

fn sorted<T: std::fmt::Debug>(mut all: Vec<T>) -> Vec<T> {
    all.sort_by_key(|one| format!("{one:?}"));
    all
}

fn by_administrator() -> impl Strategy<Value = Specification> {
    specification().prop_map(|mut of| {
        of.reading.viewer.administrator = true;
        of.reading.lang = Lang::Ru;
        of
    })
}

/// One thing done to a row of deals' fields, and what is to be told of it.
fn one_change(of: &mut Specification, which: usize, what: usize) -> Option<(String, Difference)> {
    let Section::Rows(fields) = &mut of.fields.deal else {
        return None;
    };
    let count = fields.len();
    let codes: Vec<_> = fields.iter().map(|field| field.code.clone()).collect();
    let field = fields.get_mut(which % count.max(1))?;
    let is_alone = codes.iter().filter(|code| **code == field.code).count() == 1;
    if !is_alone {
        return None;
    }
    let code = field.code.clone();
    let flag = |attribute, after: bool| {
        Difference::Changed(vec![Altered {
            attribute,
            before: Value::Flag(!after),
            after: Value::Flag(after),
        }])
    };
    let difference = match what % 4 {
        0 => {
            field.required = !field.required;
            flag(Attribute::Required, field.required)
        }
        1 => {
            field.multiple = !field.multiple;
            flag(Attribute::Multiple, field.multiple)
        }
        2 => {
            let before = field.label.clone();
            field.label.push('!');
            let after = field.label.clone();
            Difference::Renamed { before, after }
        }
        _ => {
            fields.retain(|field| field.code != code);
            Difference::Removed
        }
    };
    Some((code, difference))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_differs_from_itself(of in specification()) {
        prop_assert_eq!(changes(&of, None, &of), []);
        prop_assert_eq!(known_after(&of, None, &of), None);
    }

    #[test]
    fn one_change_gives_exactly_that_one(of in by_administrator(), which: usize, what: usize) {
        let mut changed = of.clone();
        if let Some((code, difference)) = one_change(&mut changed, which, what) {
            changed.sort();
            let told = changes(&of, None, &changed);
            prop_assert_eq!(told.len(), 1);
            prop_assert_eq!(told[0].item.kind, ItemKind::Field(EntityKind::Deal));
            prop_assert_eq!(&told[0].item.id, &code);
            prop_assert_eq!(&told[0].difference, &difference);
        }
    }

    #[test]
    fn differences_mirror_each_other(one in by_administrator(), other in by_administrator()) {
        let told = changes(&one, None, &other).into_iter().map(|change| {
            (change.item.kind, change.item.id, change.item.within, change.difference)
        });
        prop_assert_eq!(sorted(told.collect()), mirrored(changes(&other, None, &one)));
    }

    #[test]
    fn an_employees_reading_deletes_nothing(one in by_administrator(), other in specification()) {
        let mut other = other;
        other.reading.viewer.administrator = false;
        let told = changes(&one, None, &other);
        prop_assert!(told.iter().all(|change| change.difference != Difference::Removed));
        let told = changes(&other, None, &one);
        prop_assert!(told.iter().all(|change| change.difference != Difference::Added));
    }
}
