use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use crmap_domain::{Fields, Funnel, PortalInfo, PortalUser, Reading, Section, Source, Viewer};
use time::OffsetDateTime;

use super::*;

pub(in crate::xlsx) fn specification(funnels: i64, users: i64) -> Specification {
    Specification {
        portal: PortalInfo {
            address: "demo.bitrix24.ru".to_owned(),
            member_id: None,
            plan: None,
        },
        reading: Reading {
            at: OffsetDateTime::UNIX_EPOCH,
            source: Source::Application,
            viewer: Viewer {
                id: 1,
                name: "Анна".to_owned(),
                administrator: true,
            },
            lang: Lang::Ru,
        },
        funnels: Section::Rows((1..=funnels).map(funnel).collect()),
        stages: Section::Rows(Vec::new()),
        fields: Fields {
            deal: Section::Rows(Vec::new()),
            contact: Section::Rows(Vec::new()),
            company: Section::Rows(Vec::new()),
            lead: None,
        },
        users: Section::Rows((1..=users).map(user).collect()),
    }
}

fn funnel(id: i64) -> Funnel {
    Funnel {
        id,
        name: format!("Воронка {id}"),
        sort: id,
        is_default: false,
    }
}

fn user(id: i64) -> PortalUser {
    PortalUser {
        id,
        name: format!("Сотрудник {id}"),
        position: String::new(),
        departments: Vec::new(),
        active: true,
    }
}

/// What does not fit into a sheet goes on in the next, in tables that say so by their names.
#[test]
fn a_portal_with_more_rows_than_a_sheet_goes_on_in_a_further_one() {
    // A sheet has room for 16 below its title, a heading and captions, in the first one.
    for funnels in [1, 15, 16, 17, 18, 32, 33, 34, 59] {
        let specification = specification(funnels, 3);
        let mut file = Vec::new();
        write_within(20, &specification, Lang::Ru, &mut file).unwrap();
        let mut book = Xlsx::new(Cursor::new(file)).unwrap();
        book.load_tables().unwrap();
        let sheets = book.sheet_names();
        let numbered = (2..=sheets.len()).map(|number| format!("Спецификация {number}"));
        let names: Vec<_> = ["Спецификация".to_owned()]
            .into_iter()
            .chain(numbered)
            .collect();
        assert_eq!(sheets, names);
        for sheet in &sheets {
            assert!(book.worksheet_range(sheet).unwrap().height() <= 20);
        }
        let tables = book.table_names().into_iter().cloned().collect::<Vec<_>>();
        let mut ids = Vec::new();
        for name in tables.iter().filter(|name| name.starts_with("Воронки")) {
            let table = book.table_by_name(name).unwrap();
            ids.extend(table.data().rows().map(|row| row[0].to_string()));
        }
        let wanted: Vec<_> = (1..=funnels).map(|id| id.to_string()).collect();
        assert_eq!(ids, wanted, "{tables:?}");
        assert_eq!(book.table_by_name("Сотрудники").unwrap().data().height(), 3);
        assert_eq!(tables.contains(&"Воронки_2".to_owned()), funnels > 16);
    }
}
