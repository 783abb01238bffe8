//! A single change of any kind at any place.

use crmap_domain::{Color, CustomField, EntityKind, Meaning, Section, Specification, Stage};

use super::world::{entity_id, status_id};
use crate::sample;

/// Every kind of change.
pub const KINDS: [&str; 27] = [
    "funnel name",
    "funnel default",
    "funnel left",
    "funnel right",
    "funnel place",
    "stage name",
    "stage meaning",
    "stage color",
    "stage system",
    "stage left",
    "stage right",
    "stage place",
    "field name",
    "field type",
    "field refers_to",
    "field required",
    "field multiple",
    "field xml_id",
    "field code",
    "field left",
    "field right",
    "field place",
    "item name",
    "item default",
    "item xml_id",
    "item left",
    "item right",
];

/// Makes one change at a place that `at` picks; says whether there was such a place.
pub fn change(made: &mut Specification, kind: &str, at: usize) -> bool {
    let (what, how) = kind.split_once(' ').unwrap();
    let done = match what {
        "funnel" => funnel(made, how, at),
        "stage" => stage(made, how, at),
        _ => {
            let entity = if at.is_multiple_of(2) {
                EntityKind::Deal
            } else {
                EntityKind::Contact
            };
            let Some(fields) = fields(made, entity) else {
                return false;
            };
            match what {
                "field" => field(fields, how, at / 2),
                _ => item(fields, how, at / 2),
            }
        }
    };
    done.is_some()
}

fn fields(made: &mut Specification, entity: EntityKind) -> Option<&mut Vec<CustomField>> {
    let section = match entity {
        EntityKind::Contact => &mut made.fields.contact,
        _ => &mut made.fields.deal,
    };
    rows(section)
}

fn rows<T>(section: &mut Section<T>) -> Option<&mut Vec<T>> {
    match section {
        Section::Rows(rows) => Some(rows),
        Section::Refused(_) => None,
    }
}

fn pick<T>(rows: &mut [T], at: usize) -> Option<&mut T> {
    let count = rows.len();
    rows.get_mut(at.checked_rem(count)?)
}

/// A sorting after which the row stands behind others that it stood before, none of which is called
/// like it.
fn moved<T>(rows: &[T], at: usize, facts: impl Fn(&T) -> (i64, String)) -> Option<i64> {
    let (sort, name) = facts(rows.get(at)?);
    let others: Vec<_> = rows
        .iter()
        .enumerate()
        .filter(|(row, _)| *row != at)
        .map(|(_, row)| facts(row))
        .collect();
    let is_alone = others.iter().all(|(_, other)| *other != name);
    let last = others.iter().map(|(sort, _)| *sort).max()?;
    (is_alone && last > sort).then_some(last + 1)
}

fn funnel(made: &mut Specification, how: &str, at: usize) -> Option<()> {
    let knows_stages = made.stages.count().is_some();
    let funnels = rows(&mut made.funnels)?;
    match how {
        "name" => pick(funnels, at)?.name = "Тендеры".to_owned(),
        "default" => {
            let funnel = pick(funnels, at)?;
            funnel.is_default = !funnel.is_default;
        }
        "place" => {
            let at = at.checked_rem(funnels.len())?;
            let facts = |funnel: &crmap_domain::Funnel| (funnel.sort, funnel.name.clone());
            funnels[at].sort = moved(funnels, at, facts)?;
        }
        "left" => {
            let id = pick(funnels, at)?.id;
            funnels.retain(|funnel| funnel.id != id);
            if let Some(stages) = rows(&mut made.stages) {
                stages.retain(|stage| stage.funnel_id != id);
            }
        }
        _ => {
            funnels.push(sample::funnel(77, ["Продажи", "Ещё одна"][at % 2], 250));
            if knows_stages {
                let stage = new_stage(77, "Первая", 10);
                rows(&mut made.stages)?.push(stage);
            }
        }
    }
    Some(())
}

fn new_stage(funnel: i64, name: &str, sort: i64) -> Stage {
    let mut stage = sample::stage(99_999, funnel, "", name, Meaning::InProgress);
    stage.status_id = status_id(funnel, "UC_FRESH1");
    stage.entity_id = entity_id(funnel);
    stage.sort = sort;
    stage
}

fn stage(made: &mut Specification, how: &str, at: usize) -> Option<()> {
    made.funnels.count()?;
    let stages = rows(&mut made.stages)?;
    let index = at.checked_rem(stages.len())?;
    let funnel = stages[index].funnel_id;
    let stage = &mut stages[index];
    match how {
        "name" => stage.name = "Переговоры".to_owned(),
        "meaning" => {
            stage.meaning = match stage.meaning {
                Meaning::InProgress => Meaning::Apology,
                _ => Meaning::InProgress,
            };
        }
        "color" => stage.color = Color::parse("#010203"),
        "system" => stage.system = !stage.system,
        "place" => {
            let mut own: Vec<Stage> = stages
                .iter()
                .filter(|stage| stage.funnel_id == funnel)
                .cloned()
                .collect();
            own.sort_by_key(|stage| stage.sort);
            let id = stages[index].id;
            let place = own.iter().position(|stage| stage.id == id)?;
            stages[index].sort =
                moved(&own, place, |stage| (stage.sort, stage.name.to_lowercase()))?;
        }
        "left" => {
            // A funnel that nobody sees is gone with its last stage.
            let is_seen = made.funnels.rows().iter().any(|seen| seen.id == funnel);
            let count = stages
                .iter()
                .filter(|stage| stage.funnel_id == funnel)
                .count();
            if !is_seen && count == 1 {
                return None;
            }
            stages.remove(index);
        }
        _ => stages.push(new_stage(funnel, ["Договор", "Отгрузка"][at % 2], 21)),
    }
    Some(())
}

fn field(fields: &mut Vec<CustomField>, how: &str, at: usize) -> Option<()> {
    if how == "right" {
        let mut field = sample::field(
            99_999,
            "UF_CRM_1799999999",
            ["Канал", "Новое"][at % 2],
            "string",
        );
        field.sort = 35;
        fields.push(field);
        return Some(());
    }
    let index = at.checked_rem(fields.len())?;
    let field = &mut fields[index];
    match how {
        "name" => field.label = "Откуда узнали".to_owned(),
        "type" => {
            if !field.items.is_empty() {
                return None;
            }
            field.type_code = "money".to_owned();
        }
        "refers_to" => field.refers_to.push("SOURCE".to_owned()),
        "required" => field.required = !field.required,
        "multiple" => field.multiple = !field.multiple,
        "xml_id" => field.xml_id = Some("given".to_owned()),
        "code" => {
            if !field.code.contains("OWN") {
                return None;
            }
            field.code = "UF_CRM_OWN_OTHER".to_owned();
        }
        "place" => {
            let facts = |field: &CustomField| (field.sort, field.label.to_lowercase());
            fields[index].sort = moved(fields, index, facts)?;
        }
        _ => {
            fields.remove(index);
        }
    }
    Some(())
}

fn item(fields: &mut [CustomField], how: &str, at: usize) -> Option<()> {
    let mut lists: Vec<&mut CustomField> = fields
        .iter_mut()
        .filter(|field| !field.items.is_empty())
        .collect();
    let items = &mut pick(&mut lists, at)?.items;
    let index = (at / 3).checked_rem(items.len())?;
    let item = &mut items[index];
    match how {
        "name" => item.value = "Рекомендация".to_owned(),
        "default" => item.is_default = !item.is_default,
        "xml_id" => item.xml_id = Some("given".to_owned()),
        "left" => {
            items.remove(index);
        }
        _ => {
            let mut item = sample::item(99_999, ["Сайт", "Соцсети"][at % 2], None);
            item.sort = 25;
            items.push(item);
        }
    }
    Some(())
}
