//! Worlds: their totals, and that a seed always gives the same one.

use std::collections::HashSet;

use portal_sim::worlds::{Entity, Meaning, World, payloads};
use portal_sim::{Seed, UserRole};
use serde_json::Value;

#[test]
fn demo_has_its_totals() {
    let world = World::of(Seed::Demo);
    assert_eq!(world.funnels.len(), 6);
    assert_eq!(world.deal_stages().count(), 50);
    assert_eq!(world.fields.len(), 60);
    assert_eq!(world.users.len(), 25);
    assert_eq!(world.users.iter().filter(|user| !user.active).count(), 2);
}

#[test]
fn demo_has_every_type_and_missing_english_labels() {
    let world = World::of(Seed::Demo);
    let types: HashSet<&str> = world
        .fields
        .iter()
        .map(|field| field.user_type_id.as_str())
        .collect();
    for wanted in [
        "string",
        "integer",
        "double",
        "boolean",
        "date",
        "datetime",
        "money",
        "url",
        "address",
        "enumeration",
        "file",
        "employee",
        "crm_status",
        "crm",
        "iblock_element",
        "iblock_section",
        "resourcebooking",
    ] {
        assert!(types.contains(wanted), "{wanted}");
    }
    assert!(
        world
            .fields
            .iter()
            .any(|field| !field.edit_form_label.contains_key("en"))
    );
    assert!(
        Entity::ALL
            .iter()
            .all(|entity| world.fields_of(*entity).count() >= 10)
    );
}

#[test]
fn large_stands_at_the_limits() {
    let world = World::of(Seed::Large);
    assert_eq!(world.funnels.len(), 50);
    assert_eq!(world.deal_stages().count(), 500);
    assert_eq!(world.users.len(), 1000);
    for entity in Entity::ALL {
        assert_eq!(world.fields_of(entity).count(), 1016);
        assert_eq!(
            world
                .fields_of(entity)
                .map(|field| field.items.len())
                .sum::<usize>(),
            5000
        );
    }
}

#[test]
fn empty_is_a_new_portal() {
    let world = World::of(Seed::Empty);
    assert_eq!((world.funnels.len(), world.deal_stages().count()), (1, 8));
    assert!(world.fields.is_empty());
    assert_eq!(
        world
            .deal_stages()
            .filter(|stage| stage.meaning == Meaning::Apology)
            .count(),
        1
    );
}

/// Whatever is text is an attack, but for what leads from one row to another.
#[test]
fn hostile_has_no_harmless_text() {
    fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => found.push((at.to_owned(), text.clone())),
            Value::Array(items) => items.iter().for_each(|item| texts(item, at, found)),
            Value::Object(members) => {
                for (name, member) in members {
                    texts(member, name, found);
                }
            }
            _ => {}
        }
    }
    assert!(payloads().len() >= 40);
    let mut found = Vec::new();
    let world = serde_json::to_value(World::of(Seed::Hostile)).unwrap();
    texts(&world, "", &mut found);
    let needed = ["entity", "entity_id", "meaning", "user_type_id"];
    let mut used: HashSet<&str> = HashSet::new();
    for (place, text) in &found {
        let payload = payloads().iter().find(|payload| text.contains(**payload));
        let is_a_flag = text == "Y" && payload.is_none();
        assert!(
            payload.is_some() || is_a_flag || needed.contains(&place.as_str()),
            "{place}: {text:?}"
        );
        used.extend(payload);
    }
    assert_eq!(used.len(), payloads().len());
}

#[test]
fn a_number_gives_the_same_world_each_time() {
    assert_eq!(World::of(Seed::Random(7)), World::of(Seed::Random(7)));
    assert_ne!(World::of(Seed::Random(7)), World::of(Seed::Random(8)));
}

#[test]
fn every_world_is_sound() {
    let random = (0..200).map(Seed::Random);
    for seed in [Seed::Demo, Seed::Large, Seed::Empty, Seed::Hostile]
        .into_iter()
        .chain(random)
    {
        check_sound(&World::of(seed), seed);
    }
}

fn check_sound(world: &World, seed: Seed) {
    fn check_unique(what: &str, ids: impl Iterator<Item = u32>, seed: Seed) {
        let mut seen = HashSet::new();
        for id in ids {
            assert!(seen.insert(id), "{what} {id} twice in {seed:?}");
        }
    }
    check_unique("funnel", world.funnels.iter().map(|funnel| funnel.id), seed);
    check_unique(
        "status",
        world.statuses.iter().map(|status| status.id),
        seed,
    );
    check_unique("field", world.fields.iter().map(|field| field.id), seed);
    check_unique("user", world.users.iter().map(|user| user.id), seed);
    let items = world.fields.iter().flat_map(|field| &field.items);
    check_unique("item", items.map(|item| item.id), seed);
    assert_eq!(world.funnels[0].id, 0, "{seed:?}");
    for role in UserRole::ALL {
        let user = world.user(world.user_id(role)).unwrap();
        assert!(
            user.active && world.role_of(user.id) == role,
            "{role:?} in {seed:?}"
        );
    }
}
