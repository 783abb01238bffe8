//! What a specification of a simulated portal must be, made from its world without the connector.

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, PortalInfo, PortalUser, Reading,
    Refusal, Section, Source, Specification, Stage, Viewer,
};
use portal_sim::worlds::{self, Entity, UserField};
use portal_sim::{Portal, UserRole};
use time::macros::offset;

use crate::support::NOW;

pub fn specification(
    portal: &Portal,
    role: UserRole,
    lang: Lang,
    access: &crmap_crm::Access,
) -> Specification {
    let world = portal.world();
    let viewer = world.user(world.user_id(role)).unwrap();
    let webhook = matches!(access.credential, crmap_crm::Credential::Webhook { .. });
    let fields = |entity| fields(portal, role, lang, entity);
    let mut truth = Specification {
        portal: PortalInfo {
            address: portal.domain(),
            member_id: access.member_id.clone(),
            plan: Some("ru_basic".to_owned()),
        },
        reading: Reading {
            at: NOW.to_offset(offset!(+3)).replace_nanosecond(0).unwrap(),
            source: if webhook {
                Source::Webhook
            } else {
                Source::Application
            },
            viewer: Viewer {
                id: viewer.id.into(),
                name: format!("{} {}", viewer.name, viewer.last_name),
                administrator: role == UserRole::Administrator,
            },
            lang,
        },
        funnels: Section::Rows(
            world
                .funnels
                .iter()
                .filter(|funnel| world.may_read_funnel(role, funnel.id))
                .map(|funnel| Funnel {
                    id: funnel.id.into(),
                    name: funnel.name.clone(),
                    sort: funnel.sort.into(),
                    is_default: funnel.id == 0,
                })
                .collect(),
        ),
        stages: Section::Rows(world.deal_stages().map(stage).collect()),
        fields: Fields {
            deal: fields(Entity::Deal),
            contact: fields(Entity::Contact),
            company: fields(Entity::Company),
            lead: (world.crm_mode == 1).then(|| fields(Entity::Lead)),
        },
        users: Section::Rows(
            world
                .users
                .iter()
                .map(|user| person(portal, user))
                .collect(),
        ),
    };
    truth.sort();
    truth
}

fn stage(status: &worlds::Status) -> Stage {
    Stage {
        id: status.id.into(),
        entity_id: status.entity_id.clone(),
        funnel_id: status.category_id.unwrap_or(0).into(),
        status_id: status.status_id.clone(),
        name: status.name.clone(),
        sort: status.sort.into(),
        meaning: match status.meaning {
            worlds::Meaning::Process => Meaning::InProgress,
            worlds::Meaning::Success => Meaning::Success,
            worlds::Meaning::Failure => Meaning::Failure,
            worlds::Meaning::Apology => Meaning::Apology,
        },
        color: Color::parse(&status.color),
        system: status.system,
    }
}

fn fields(portal: &Portal, role: UserRole, lang: Lang, entity: Entity) -> Section<CustomField> {
    let world = portal.world();
    if !world.may_read_entity(role, entity) {
        return Section::Refused(Refusal::NoRights);
    }
    Section::Rows(
        world
            .fields_of(entity)
            .map(|field| custom(field, lang))
            .collect(),
    )
}

fn custom(field: &UserField, lang: Lang) -> CustomField {
    let labels = [
        &field.edit_form_label,
        &field.list_column_label,
        &field.list_filter_label,
    ];
    let label = labels
        .iter()
        .filter_map(|label| label.get(lang.code()))
        .find(|l| !l.is_empty());
    let settings = &field.settings;
    let mut refers_to: Vec<String> = match field.user_type_id.as_str() {
        "crm_status" => vec![settings["ENTITY_TYPE"].as_str().unwrap().to_owned()],
        "crm" => {
            let map = settings.as_object().unwrap();
            map.iter()
                .filter(|(_, on)| *on == "Y")
                .map(|(key, _)| key.clone())
                .collect()
        }
        "iblock_element" | "iblock_section" => vec![settings["IBLOCK_ID"].to_string()],
        _ => vec![],
    };
    refers_to.sort();
    CustomField {
        id: field.id.into(),
        code: field.name.clone(),
        label: label.cloned().unwrap_or_default(),
        type_code: field.user_type_id.clone(),
        refers_to,
        required: field.mandatory,
        multiple: field.multiple,
        sort: field.sort.into(),
        xml_id: field.xml_id.clone().filter(|id| !id.is_empty()),
        items: field
            .items
            .iter()
            .map(|item| ListItem {
                id: item.id.into(),
                value: item.value.clone(),
                sort: item.sort.into(),
                is_default: item.default,
                xml_id: Some(item.xml_id.clone()).filter(|id| !id.is_empty()),
            })
            .collect(),
    }
}

fn person(portal: &Portal, user: &worlds::User) -> PortalUser {
    let department = |id: &u32| {
        let known = portal
            .world()
            .departments
            .iter()
            .find(|department| department.id == *id);
        known.map_or_else(|| format!("#{id}"), |department| department.name.clone())
    };
    let parts = [&user.name, &user.second_name, &user.last_name];
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim())
        .filter(|p| !p.is_empty())
        .collect();
    PortalUser {
        id: user.id.into(),
        name: parts.join(" "),
        position: user.position.clone(),
        departments: user.departments.iter().map(department).collect(),
        active: user.active,
    }
}
