//! Whether what CRMAP keeps of a portal is what the portal holds.

use std::collections::BTreeSet;

use crmap_crashbox::fingerprint;
use crmap_domain::{CustomField, Section, Specification};
use portal_sim::worlds::{Entity, World};

use super::{Fleet, Violation};

/// Everything was read, and is so.
pub fn is_true(read: &Specification, world: &World) -> bool {
    let fields = &read.fields;
    let complete = read.funnels.refusal().is_none()
        && read.stages.refusal().is_none()
        && read.users.refusal().is_none()
        && [&fields.deal, &fields.contact, &fields.company]
            .iter()
            .all(|section| section.refusal().is_none())
        && fields.lead.is_some() == (world.crm_mode == 1)
        && fields
            .lead
            .iter()
            .all(|section| section.refusal().is_none());
    complete && is_true_in_part(read, world)
}

/// What the portal did not refuse was read as it is.
pub fn is_true_in_part(read: &Specification, world: &World) -> bool {
    let funnels = world.funnels.iter();
    let funnels = funnels.map(|funnel| (i64::from(funnel.id), funnel.name.clone()));
    let stages = world
        .deal_stages()
        .map(|stage| (stage.status_id.clone(), stage.name.clone()));
    let users = world.users.iter();
    let users = users.map(|user| (i64::from(user.id), user.active));
    let fields = &read.fields;
    same(&read.funnels, |row| (row.id, row.name.clone()), funnels)
        && same(
            &read.stages,
            |row| (row.status_id.clone(), row.name.clone()),
            stages,
        )
        && same(&read.users, |row| (row.id, row.active), users)
        && same_fields(&fields.deal, world, Entity::Deal)
        && same_fields(&fields.contact, world, Entity::Contact)
        && same_fields(&fields.company, world, Entity::Company)
        && fields
            .lead
            .iter()
            .all(|leads| same_fields(leads, world, Entity::Lead))
}

fn same_fields(read: &Section<CustomField>, world: &World, entity: Entity) -> bool {
    let held = world.fields_of(entity).map(|field| {
        let items = field.items.iter().map(|item| i64::from(item.id)).collect();
        (i64::from(field.id), field.name.clone(), items)
    });
    let row = |field: &CustomField| {
        let items: BTreeSet<i64> = field.items.iter().map(|item| item.id).collect();
        (field.id, field.code.clone(), items)
    };
    same(read, row, held)
}

/// Nothing is missing, nothing is there twice, and nothing is there that the portal does not hold.
fn same<T, R: Ord>(
    read: &Section<T>,
    row: impl Fn(&T) -> R,
    held: impl Iterator<Item = R>,
) -> bool {
    let Section::Rows(rows) = read else {
        return true;
    };
    let held: BTreeSet<R> = held.collect();
    rows.len() == held.len() && rows.iter().map(row).collect::<BTreeSet<R>>() == held
}

/// A secret of a portal, or any token that anybody was ever shown, in the database or in a log.
pub async fn told_secrets(fleet: &Fleet) -> Result<(), Violation> {
    let mut told = fleet.base.dump().await;
    assert!(told.len() > 20, "nothing to look through");
    told.extend(fleet.base.logs().lines().map(str::to_owned));
    let mut tokens: BTreeSet<String> = fleet
        .cloud
        .ledger()
        .into_iter()
        .map(|use_of| use_of.token)
        .collect();
    let pairs = fleet.cloud.chains().into_iter();
    tokens.extend(pairs.flat_map(|pair| [pair.access, pair.refresh]));
    let is_secret = |word: &str| {
        fleet
            .secrets
            .iter()
            .find(|(_, secret)| secret == word)
            .map(|(what, _)| *what)
            .or_else(|| tokens.contains(&fingerprint(word)).then_some("token"))
    };
    for line in &told {
        if line.contains("simulated-client-secret") {
            let what = "client secret";
            return Err(Violation::Told { what });
        }
        let words = line.split(|sign: char| !sign.is_ascii_alphanumeric());
        let long = words.filter(|word| (20..=100).contains(&word.len()));
        if let Some(what) = long.filter_map(is_secret).next() {
            eprintln!("{what} in {}", line.chars().take(400).collect::<String>());
            return Err(Violation::Told { what });
        }
    }
    Ok(())
}
