//! The same content in another portal.

use std::collections::BTreeMap;

use crmap_domain::{CustomField, MemberId, Section, Specification};

use super::world::{entity_id, status_id};

/// Chance that is the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.0 >> 33
    }

    fn shuffle<T>(&mut self, rows: &mut [T]) {
        for last in (1..rows.len()).rev() {
            let other = self.next() as usize % (last + 1);
            rows.swap(last, other);
        }
    }
}

/// Everything that differs between any two portals is another: numbers, prefixes, made-up codes,
/// the order of answers, the steps of sorting.
pub fn renumbered(of: &Specification, seed: u64) -> Specification {
    let mut chance = Chance(seed);
    let mut made = of.clone();
    made.portal.member_id = Some(MemberId::parse(&"b".repeat(32)).unwrap());
    made.portal.address = "other.bitrix24.ru".to_owned();
    funnels(&mut made, &mut chance);
    let fields = &mut made.fields;
    for section in [&mut fields.deal, &mut fields.contact, &mut fields.company] {
        if let Section::Rows(rows) = section {
            renumber_fields(rows, &mut chance);
        }
    }
    made
}

fn funnels(made: &mut Specification, chance: &mut Chance) {
    let mut ids: Vec<i64> = made
        .stages
        .rows()
        .iter()
        .map(|stage| stage.funnel_id)
        .collect();
    ids.extend(made.funnels.rows().iter().map(|funnel| funnel.id));
    ids.sort_unstable();
    ids.dedup();
    let mut fresh: Vec<i64> = (0..ids.len() as i64).map(|place| 101 + place).collect();
    chance.shuffle(&mut fresh);
    let mut map: BTreeMap<i64, i64> = ids.into_iter().zip(fresh).collect();
    map.insert(0, 0);
    if let Section::Rows(rows) = &mut made.funnels {
        for funnel in rows.iter_mut() {
            funnel.id = map[&funnel.id];
            funnel.sort = scaled(funnel.sort);
        }
        chance.shuffle(rows);
    }
    if let Section::Rows(rows) = &mut made.stages {
        chance.shuffle(rows);
        for (place, stage) in rows.iter_mut().enumerate() {
            let bare = stage.status_id.rsplit(':').next().unwrap().to_owned();
            stage.id = 5000 + place as i64;
            stage.funnel_id = map[&stage.funnel_id];
            stage.entity_id = entity_id(stage.funnel_id);
            stage.status_id = status_id(stage.funnel_id, &bare);
            stage.sort = scaled(stage.sort);
        }
        chance.shuffle(rows);
    }
}

fn scaled(sort: i64) -> i64 {
    sort * 7 - 40
}

fn renumber_fields(rows: &mut [CustomField], chance: &mut Chance) {
    chance.shuffle(rows);
    for (place, field) in rows.iter_mut().enumerate() {
        field.id = 9000 + place as i64;
        field.sort = scaled(field.sort);
        if field
            .code
            .bytes()
            .last()
            .is_some_and(|byte| byte.is_ascii_digit())
            && !field.code.contains("OWN")
        {
            field.code = format!("UF_CRM_{}", 1_800_000_000 + field.id);
        }
        if field.type_code == "rest_5_color" {
            field.type_code = "rest_17_color".to_owned();
        }
        chance.shuffle(&mut field.items);
        for (at, item) in field.items.iter_mut().enumerate() {
            item.id = field.id * 70 + at as i64;
            item.sort = scaled(item.sort);
            if item.xml_id.as_ref().is_some_and(|id| id.len() == 32) {
                item.xml_id = Some(format!("{:032x}", item.id));
            }
        }
        chance.shuffle(&mut field.items);
    }
    chance.shuffle(rows);
}
