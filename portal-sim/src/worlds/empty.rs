//! A portal that was registered a minute ago: one funnel, no fields, three people.

use super::build::{FACTORY_STAGES, Ids, deal_stages, funnel};
use super::{Department, User, World, dictionaries};

pub(super) fn world() -> World {
    let mut ids = Ids::new(1, 1);
    let mut statuses = deal_stages(0, &FACTORY_STAGES, &mut ids);
    statuses.extend(dictionaries::all(&[], &mut ids));
    World {
        company: "Новый портал".to_owned(),
        crm_mode: 2,
        funnels: vec![funnel(0, "Общая", 300)],
        statuses,
        fields: Vec::new(),
        users: people(),
        departments: vec![Department {
            id: 1,
            name: "Моя компания".to_owned(),
            sort: 500,
            parent: None,
            head: Some(1),
        }],
        smart_processes: Vec::new(),
        hidden_from_employee: Vec::new(),
        visible_to_narrow: vec![0],
        employee: 2,
        narrow: 3,
    }
}

fn people() -> Vec<User> {
    let names = [
        ("Ольга", "Власова", "F"),
        ("Тимур", "Рахимов", "M"),
        ("Инна", "Котова", "F"),
    ];
    let person = |(index, (name, last_name, gender)): (usize, (&str, &str, &str))| User {
        id: index as u32 + 1,
        active: true,
        name: name.to_owned(),
        last_name: last_name.to_owned(),
        second_name: String::new(),
        position: String::new(),
        gender: gender.to_owned(),
        departments: vec![1],
        admin: index == 0,
    };
    names.into_iter().enumerate().map(person).collect()
}
