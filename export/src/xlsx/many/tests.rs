use std::io::Cursor;
use std::sync::Arc;

use calamine::{Reader as _, Xlsx};
use crmap_domain::MemberId;

use super::super::single::tests::specification;
use super::*;

#[test]
fn rows_that_do_not_fit_into_a_sheet_go_on_in_a_further_one_beside_it() {
    let mut file = Vec::new();
    let mut workbook = Workbook::within(20, Lang::Ru, &mut file).unwrap();
    for number in 1..=5 {
        let portal = Portal {
            member_id: MemberId::parse(&format!("{number:032}")).unwrap(),
            address: format!("portal-{number}"),
            label: String::new(),
            content: Content::Read(Arc::new(specification(9, 1))),
        };
        workbook.add(&portal).unwrap();
    }
    workbook.finish().unwrap();
    let mut book = Xlsx::new(Cursor::new(file)).unwrap();
    book.load_tables().unwrap();
    assert_eq!(
        book.sheet_names(),
        [
            "Порталы",
            "Воронки",
            "Воронки 2",
            "Воронки 3",
            "Статусы",
            "Поля",
            "Списки",
            "Сотрудники"
        ]
    );
    let heights = ["Воронки", "Воронки_2", "Воронки_3"]
        .map(|name| book.table_by_name(name).unwrap().data().height());
    assert_eq!(heights, [19, 19, 7]);
}
