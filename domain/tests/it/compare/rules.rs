//! What belongs together, one rule each.

use crmap_domain::compare::{
    Change, Compared, Comparison, Difference, HandMatch, Ids, Verdict, compare, field_key,
    funnel_key, item_key, stage_key,
};
use crmap_domain::item::ItemKind;
use crmap_domain::{
    CustomField, EntityKind, Fields, Funnel, Meaning, MemberId, Refusal, Section, Specification,
    Stage,
};

use super::findings::findings;
use super::world::{entity_id, status_id};
use crate::sample;

fn portal(digit: &str) -> Specification {
    let mut made = sample::specification();
    made.portal.member_id = Some(MemberId::parse(&digit.repeat(32)).unwrap());
    made.funnels = Section::Rows(Vec::new());
    made.stages = Section::Rows(Vec::new());
    made.fields = Fields {
        deal: Section::Rows(Vec::new()),
        contact: Section::Rows(Vec::new()),
        company: Section::Rows(Vec::new()),
        lead: None,
    };
    made
}

fn with_funnels(digit: &str, funnels: &[(i64, &str, &[&str])]) -> Specification {
    let mut made = portal(digit);
    let (mut rows, mut stages): (Vec<Funnel>, Vec<Stage>) = Default::default();
    for (place, (id, name, names)) in funnels.iter().enumerate() {
        rows.push(sample::funnel(*id, name, (place as i64 + 1) * 10));
        for (place, name) in names.iter().enumerate() {
            let code = status_id(*id, &format!("UC_{place}{id}ABC"));
            let number = id * 100 + place as i64;
            let mut stage = sample::stage(number, *id, &code, name, Meaning::InProgress);
            stage.entity_id = entity_id(*id);
            stage.sort = (place as i64 + 1) * 10;
            stage.system = false;
            stages.push(stage);
        }
    }
    made.funnels = Section::Rows(rows);
    made.stages = Section::Rows(stages);
    made
}

fn with_fields(digit: &str, fields: Vec<CustomField>) -> Specification {
    let mut made = portal(digit);
    made.fields.deal = Section::Rows(fields);
    made
}

/// Which funnel has which, by number.
fn pairs(comparison: &Comparison) -> Vec<(Option<i64>, Option<i64>)> {
    let rows = comparison.funnels.rows().iter();
    rows.map(|funnel| {
        let ids = &funnel.row.ids;
        (ids.left().map(|id| id.id), ids.right().map(|id| id.id))
    })
    .collect()
}

/// Which field has which, by code.
fn codes(comparison: &Comparison) -> Vec<(Option<&str>, Option<&str>)> {
    let rows = comparison.fields[0].rows.rows().iter();
    rows.map(|field| {
        let ids = &field.row.ids;
        (
            ids.left().map(|id| id.code.as_str()),
            ids.right().map(|id| id.code.as_str()),
        )
    })
    .collect()
}

#[test]
fn a_name_says_more_than_stages_whatever_case_and_space_it_has() {
    let left = with_funnels("a", &[(0, "Общая", &["А"]), (2, "Счета", &["Б", "В"])]);
    let right = with_funnels("b", &[(0, "Приём", &["Б", "В"]), (9, " счЁта ", &["Г"])]);
    let comparison = compare(&left, &right, &[]);
    assert_eq!(
        pairs(&comparison),
        [(None, Some(0)), (Some(0), None), (Some(2), Some(9))]
    );
    let row = &comparison.funnels.rows()[2].row;
    let name = Change {
        left: "Счета".to_owned(),
        right: " счЁта ".to_owned(),
    };
    assert_eq!(row.differences[..], [Difference::Name(name)]);
}

#[test]
fn a_renamed_funnel_is_known_by_stages_of_its_own_alone() {
    let factory = &["Новая", "Успех"][..];
    let own = &["Замер", "Монтаж", "Приёмка"][..];
    let left = with_funnels(
        "a",
        &[
            (0, "Продажи", factory),
            (2, "Окна", own),
            (4, "Сервис", factory),
            (6, "Опт", factory),
        ],
    );
    let right = with_funnels(
        "b",
        &[
            (0, "Продажи", factory),
            (3, "Двери", factory),
            (5, "Кухни", factory),
            (7, "Стёкла", own),
        ],
    );
    let comparison = compare(&left, &right, &[]);
    let together: Vec<_> = pairs(&comparison)
        .into_iter()
        .filter(|(l, r)| l.is_some() && r.is_some())
        .collect();
    assert_eq!(together, [(Some(0), Some(0)), (Some(2), Some(7))]);
}

#[test]
fn of_funnels_with_one_name_each_gets_the_one_with_its_stages() {
    let left = with_funnels(
        "a",
        &[(2, "Продажи", &["А", "Б"]), (4, "Продажи", &["В", "Г"])],
    );
    let right = with_funnels(
        "b",
        &[(3, "продажи", &["В", "Д"]), (5, "продажи", &["А", "Е"])],
    );
    let comparison = compare(&left, &right, &[]);
    assert_eq!(pairs(&comparison), [(Some(2), Some(5)), (Some(4), Some(3))]);
}

#[test]
fn a_renamed_stage_is_known_by_its_identifier() {
    let mut left = with_funnels("a", &[(2, "Продажи", &["Новая", "Замер", "Успех"])]);
    let mut right = with_funnels("b", &[(7, "Продажи", &["Заявка", "Договор", "Оплачено"])]);
    for (portal, id) in [(&mut left, 2), (&mut right, 7)] {
        if let Section::Rows(stages) = &mut portal.stages {
            stages[0].status_id = status_id(id, "NEW");
            stages[2].status_id = status_id(id, "WON");
        }
    }
    let found = findings(&compare(&left, &right, &[]));
    assert_eq!(found, ["stage name", "stage name", "stage name"]);
}

#[test]
fn fields_are_known_by_code_then_by_label_and_type() {
    let left = vec![
        sample::field(1, "UF_CRM_SOURCE", "Источник", "string"),
        sample::field(2, "UF_CRM_1700000001", "Сумма", "money"),
        sample::field(3, "UF_CRM_1700000002", "Сумма", "integer"),
        sample::field(4, "UF_CRM_1700000003", "Дата", "date"),
    ];
    let right = vec![
        sample::field(1, "UF_CRM_1800000001", "сумма", "integer"),
        sample::field(2, "UF_CRM_1800000002", "Сумма", "money"),
        sample::field(3, "UF_CRM_1800000003", "Дата", "datetime"),
        sample::field(4, "UF_CRM_SOURCE", "Канал", "enumeration"),
    ];
    let comparison = compare(&with_fields("a", left), &with_fields("b", right), &[]);
    let code = |code| Some(code);
    assert_eq!(
        codes(&comparison),
        [
            (code("UF_CRM_SOURCE"), code("UF_CRM_SOURCE")),
            (code("UF_CRM_1700000001"), code("UF_CRM_1800000002")),
            (code("UF_CRM_1700000002"), code("UF_CRM_1800000001")),
            (code("UF_CRM_1700000003"), code("UF_CRM_1800000003")),
        ]
    );
}

#[test]
fn a_label_that_is_not_unique_says_nothing_without_the_type() {
    let left = vec![
        sample::field(1, "UF_CRM_1700000001", "Сумма", "money"),
        sample::field(2, "UF_CRM_1700000002", "Сумма", "integer"),
    ];
    let right = vec![sample::field(1, "UF_CRM_1800000001", "Сумма", "string")];
    let comparison = compare(&with_fields("a", left), &with_fields("b", right), &[]);
    assert_eq!(
        findings(&comparison),
        ["field right", "field left", "field left"]
    );
}

#[test]
fn a_chosen_code_counts_and_a_made_up_one_does_not() {
    let one = |code: &str| vec![sample::field(1, code, "Канал", "string")];
    let found = |left: &str, right: &str| {
        findings(&compare(
            &with_fields("a", one(left)),
            &with_fields("b", one(right)),
            &[],
        ))
    };
    assert!(found("UF_CRM_1700000001", "UF_CRM_1800000001").is_empty());
    assert_eq!(found("UF_CRM_CHANNEL", "UF_CRM_1800000001"), ["field code"]);
    assert_eq!(found("UF_CRM_CHANNEL", "UF_CRM_SOURCE"), ["field code"]);
}

fn list(digit: &str, items: &[(i64, &str, Option<&str>)]) -> Specification {
    let mut field = sample::field(1, "UF_CRM_CHANNEL", "Канал", "enumeration");
    let items = items.iter().enumerate();
    field.items = items
        .map(|(place, (id, value, xml_id))| {
            let mut item = sample::item(*id, value, *xml_id);
            item.sort = place as i64 * 10;
            item
        })
        .collect();
    with_fields(digit, vec![field])
}

#[test]
fn items_are_known_by_xml_id_then_by_value_and_the_last_by_its_place() {
    let left = list(
        "a",
        &[
            (1, "Сайт", Some("site")),
            (2, "Звонок", None),
            (3, "Почта", None),
        ],
    );
    let right = list(
        "b",
        &[
            (7, "Интернет", Some("site")),
            (8, "звонок", None),
            (9, "Письмо", None),
        ],
    );
    let comparison = compare(&left, &right, &[]);
    assert_eq!(
        findings(&comparison),
        ["item name", "item name", "item name"]
    );
    let items = &comparison.fields[0].rows.rows()[0].items;
    let ids: Vec<_> = items.iter().map(|item| item.ids.clone()).collect();
    let both = |left, right| Ids::Both { left, right };
    assert_eq!(ids, [both(1, 7), both(2, 8), both(3, 9)]);
}

#[test]
fn only_what_would_have_to_move_is_in_another_place() {
    let left = list(
        "a",
        &[
            (1, "А", None),
            (2, "Б", None),
            (3, "В", None),
            (4, "Г", None),
        ],
    );
    let right = list(
        "b",
        &[
            (1, "Г", None),
            (2, "А", None),
            (3, "Б", None),
            (4, "В", None),
        ],
    );
    let comparison = compare(&left, &right, &[]);
    let items = &comparison.fields[0].rows.rows()[0].items;
    let moved: Vec<_> = items
        .iter()
        .filter(|item| item.verdict() == Verdict::Different)
        .collect();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].label, "Г");
    assert_eq!(
        moved[0].differences,
        [Difference::Place(Change { left: 4, right: 1 })]
    );
}

#[test]
fn what_is_only_on_the_right_stands_where_it_stands_there() {
    let left = list("a", &[(1, "А", None), (2, "Б", None)]);
    let right = list(
        "b",
        &[
            (1, "Я", None),
            (2, "А", None),
            (3, "Ю", None),
            (4, "Э", None),
            (5, "Б", None),
        ],
    );
    let comparison = compare(&left, &right, &[]);
    let items = &comparison.fields[0].rows.rows()[0].items;
    let labels: Vec<_> = items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["Я", "А", "Ю", "Э", "Б"]);
}

#[test]
fn what_a_side_refused_is_not_known_and_never_missing() {
    let left = with_fields("a", vec![sample::field(1, "UF_CRM_X", "Икс", "string")]);
    let mut right = portal("b");
    right.fields.deal = Section::Refused(Refusal::NoRights);
    right.stages = Section::Refused(Refusal::PlanRequired);
    let comparison = compare(&left, &right, &[]);
    assert!(findings(&comparison).is_empty());
    assert!(comparison.is_partial() && comparison.is_equal());
    let Compared::Unknown(unknown) = &comparison.fields[0].rows else {
        panic!("rows of what was refused");
    };
    assert_eq!(
        (&unknown.left, &unknown.right),
        (&None, &Some(Refusal::NoRights))
    );
    assert_eq!(comparison.totals().stages, None);
    assert_eq!(comparison.totals().fields[0].1, None);
}

#[test]
fn in_one_portal_ids_come_first_and_count() {
    let left = list("a", &[(1, "Сайт", None), (2, "Звонок", None)]);
    let right = list("a", &[(1, "Звонок", None), (3, "Сайт", None)]);
    let comparison = compare(&left, &right, &[]);
    assert!(comparison.same_portal);
    let items = &comparison.fields[0].rows.rows()[0].items;
    assert_eq!(items[0].ids, Ids::Both { left: 1, right: 1 });
    assert_eq!(findings(&comparison), ["item name", "item id", "item name"]);
}

#[test]
fn whoever_says_what_belongs_together_is_believed() {
    let left = with_funnels("a", &[(0, "Общая", &["А", "Б"]), (2, "Опт", &["В"])]);
    let right = with_funnels("b", &[(0, "Общая", &["А", "Б"]), (5, "Розница", &["Г"])]);
    let said = |kind, left: String, right: String| HandMatch { kind, left, right };
    let by_hand = [
        said(ItemKind::Funnel, funnel_key(2), funnel_key(5)),
        said(
            ItemKind::Stage,
            stage_key("DEAL_STAGE", "UC_00ABC"),
            String::new(),
        ),
    ];
    let comparison = compare(&left, &right, &by_hand);
    assert_eq!(pairs(&comparison), [(Some(0), Some(0)), (Some(2), Some(5))]);
    assert!(comparison.funnels.rows()[1].row.by_hand);
    let stages = &comparison.funnels.rows()[0].stages;
    let verdicts: Vec<_> = stages
        .iter()
        .map(|stage| (stage.verdict(), stage.by_hand))
        .collect();
    assert_eq!(
        verdicts,
        [
            (Verdict::OnlyRight, false),
            (Verdict::OnlyLeft, true),
            (Verdict::Equal, false)
        ]
    );
    let turned: Vec<HandMatch> = by_hand
        .iter()
        .map(|said| HandMatch {
            kind: said.kind,
            left: said.right.clone(),
            right: said.left.clone(),
        })
        .collect();
    let back = compare(&right, &left, &turned);
    assert_eq!(pairs(&back), [(Some(0), Some(0)), (Some(5), Some(2))]);
}

#[test]
fn fields_and_items_are_matched_by_hand_too() {
    let left = list("a", &[(1, "Сайт", None), (2, "Звонок", None)]);
    let mut right = list("b", &[(8, "Звонок", None), (9, "Интернет", None)]);
    if let Section::Rows(fields) = &mut right.fields.deal {
        fields[0].code = "UF_CRM_SOURCE".to_owned();
        fields[0].label = "Источник".to_owned();
        fields[0].required = true;
    }
    let said = |kind, left: String, right: String| HandMatch { kind, left, right };
    let by_hand = [
        said(
            ItemKind::Field(EntityKind::Deal),
            field_key("UF_CRM_CHANNEL"),
            field_key("UF_CRM_SOURCE"),
        ),
        said(
            ItemKind::Item(EntityKind::Deal),
            item_key("UF_CRM_CHANNEL", 1),
            item_key("UF_CRM_SOURCE", 8),
        ),
    ];
    assert_eq!(
        findings(&compare(&left, &right, &[])),
        ["field right", "field left"]
    );
    let comparison = compare(&left, &right, &by_hand);
    let items = &comparison.fields[0].rows.rows()[0].items;
    assert_eq!(items[0].ids, Ids::Both { left: 1, right: 8 });
}

#[test]
fn a_funnel_that_nobody_may_see_is_known_by_its_stages() {
    let left = with_funnels("a", &[(0, "Общая", &["А"]), (2, "Опт", &["Б", "В"])]);
    let mut right = with_funnels("b", &[(0, "Общая", &["А"]), (5, "Опт", &["Б", "В"])]);
    if let Section::Rows(funnels) = &mut right.funnels {
        funnels.truncate(1);
    }
    let comparison = compare(&left, &right, &[]);
    assert_eq!(pairs(&comparison), [(Some(0), Some(0)), (Some(2), Some(5))]);
    assert!(comparison.is_equal(), "{:?}", findings(&comparison));
    let back = compare(&right, &left, &[]);
    assert_eq!(back.funnels.rows()[1].row.label, "Опт");
}

#[test]
fn numbers_of_blocks_processes_and_funnels_are_each_portal_s_own_and_dictionaries_are_not() {
    let pointing = |digit: &str, type_code: &str, target: &str| {
        let mut field = sample::field(1, "UF_CRM_TARGET", "Куда", type_code);
        field.refers_to = vec![target.to_owned()];
        with_fields(digit, vec![field])
    };
    for (type_code, left, right, is_equal) in [
        ("iblock_element", "17", "23", true),
        ("crm", "DYNAMIC_177", "DYNAMIC_31", true),
        ("crm", "DYNAMIC_177", "CONTACT", false),
        ("crm_status", "DEAL_STAGE_7", "DEAL_STAGE_9", true),
        ("crm_status", "INDUSTRY", "SOURCE", false),
    ] {
        let (one, other) = (
            pointing("a", type_code, left),
            pointing("b", type_code, right),
        );
        let compared = compare(&one, &other, &[]);
        assert_eq!(compared.is_equal(), is_equal, "{type_code} {left} {right}");
        // Within one portal a number is what it says.
        let moved = pointing("a", type_code, right);
        assert!(!compare(&one, &moved, &[]).is_equal(), "{type_code}");
    }
}
