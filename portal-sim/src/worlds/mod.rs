//! What a portal holds: funnels, stages and dictionaries, user fields, people. Plain values, no
//! wire format; tests compare answers with them.

mod build;
mod chance;
mod demo;
mod dictionaries;
mod edit;
mod empty;
mod history;
mod hostile;
mod large;
mod random;
mod settings;

pub(crate) use chance::digest;
pub(crate) use history::History;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::options::Seed;

/// The three kinds of people that every world has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Portal administrator: sees everything.
    Administrator,
    /// Ordinary employee: sees almost everything.
    Employee,
    /// Employee with narrow CRM rights: two funnels, fields of deals only.
    Narrow,
}

impl UserRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Employee, Self::Narrow];

    /// The secret of that user's incoming webhook, the same on each portal.
    #[must_use]
    pub const fn webhook_code(self) -> &'static str {
        match self {
            Self::Administrator => "adminhook0000000",
            Self::Employee => "employeehook0000",
            Self::Narrow => "narrowhook000000",
        }
    }
}

/// Everything that a portal holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct World {
    /// The company's name.
    pub company: String,
    /// 1 classic (with leads), 2 simple (§4.6).
    pub crm_mode: u8,
    /// Deal funnels (§4.1).
    pub funnels: Vec<Funnel>,
    /// Stages and dictionary entries of every directory (§4.2).
    pub statuses: Vec<Status>,
    /// User fields of deals, contacts, companies and leads (§4.3).
    pub fields: Vec<UserField>,
    /// The people, dismissed ones included (§4.7).
    pub users: Vec<User>,
    /// The company structure (§4.7).
    pub departments: Vec<Department>,
    /// Smart processes (§4.6).
    pub smart_processes: Vec<SmartProcess>,
    /// Ids of the funnels that the employee may not read.
    pub hidden_from_employee: Vec<u32>,
    /// Ids of the funnels that the narrow user may read.
    pub visible_to_narrow: Vec<u32>,
    /// The employee's user id.
    pub employee: u32,
    /// The narrow user's id.
    pub narrow: u32,
}

/// A deal funnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Funnel {
    /// 0 for the default one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its place.
    pub sort: u32,
}

/// A stage, or an entry of another directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Number of the record.
    pub id: u32,
    /// The directory: `DEAL_STAGE`, `DEAL_STAGE_7`, `SOURCE`…
    pub entity_id: String,
    /// The code that records carry: `NEW`, `C7:NEW`…
    pub status_id: String,
    /// Its name.
    pub name: String,
    /// The factory name of system entries, else empty.
    pub name_init: String,
    /// Its place.
    pub sort: u32,
    /// Built in.
    pub system: bool,
    /// The funnel of a stage; none for the default funnel and for plain directories.
    pub category_id: Option<u32>,
    /// `#rrggbb`, or empty.
    pub color: String,
    /// What a stage means.
    pub meaning: Meaning,
}

/// What a stage means for its record (§4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Still going on, or no stage at all.
    Process,
    /// Won.
    Success,
    /// Lost.
    Failure,
    /// Lost, and its cause is looked into.
    Apology,
}

/// The four entity types with user fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// Сделка.
    Deal,
    /// Контакт.
    Contact,
    /// Компания.
    Company,
    /// Лид.
    Lead,
}

impl Entity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Deal, Self::Contact, Self::Company, Self::Lead];

    /// The name in methods: `crm.deal.userfield.list`.
    #[must_use]
    pub const fn method_part(self) -> &'static str {
        match self {
            Self::Deal => "deal",
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Lead => "lead",
        }
    }

    /// `ENTITY_ID` of its user fields.
    #[must_use]
    pub const fn field_entity_id(self) -> &'static str {
        match self {
            Self::Deal => "CRM_DEAL",
            Self::Contact => "CRM_CONTACT",
            Self::Company => "CRM_COMPANY",
            Self::Lead => "CRM_LEAD",
        }
    }

    /// Its `entityTypeId`.
    #[must_use]
    pub const fn type_id(self) -> u32 {
        match self {
            Self::Lead => 1,
            Self::Deal => 2,
            Self::Contact => 3,
            Self::Company => 4,
        }
    }
}

/// A label in several languages; a missing language has none.
pub type Label = BTreeMap<String, String>;

/// A user field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserField {
    /// Number of the field.
    pub id: u32,
    /// Whose field it is.
    pub entity: Entity,
    /// `UF_CRM_…`.
    pub name: String,
    /// `string`, `enumeration`…
    pub user_type_id: String,
    /// Code for exchange with other systems.
    pub xml_id: Option<String>,
    /// Its place.
    pub sort: u32,
    /// Holds many values.
    pub multiple: bool,
    /// Must be filled in.
    pub mandatory: bool,
    /// `N`, `I`, `E` or `S`.
    pub show_filter: String,
    /// Label in the form.
    pub edit_form_label: Label,
    /// Label of the column.
    pub list_column_label: Label,
    /// Label in the filter.
    pub list_filter_label: Label,
    /// Text of the error.
    pub error_message: Label,
    /// Text of the hint.
    pub help_message: Label,
    /// What the type adds, as the portal gives it; an empty list when nothing.
    pub settings: Value,
    /// The choices of an `enumeration`.
    pub items: Vec<ListItem>,
}

/// A choice of a list field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListItem {
    /// What records store.
    pub id: u32,
    /// Its place.
    pub sort: u32,
    /// What people read.
    pub value: String,
    /// Chosen at first.
    pub default: bool,
    /// Code for exchange with other systems.
    pub xml_id: String,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Number of the person.
    pub id: u32,
    /// False when dismissed.
    pub active: bool,
    /// First name.
    pub name: String,
    /// Surname.
    pub last_name: String,
    /// Patronymic.
    pub second_name: String,
    /// What they do.
    pub position: String,
    /// `M` or `F`.
    pub gender: String,
    /// Ids of departments.
    pub departments: Vec<u32>,
    /// Portal administrator.
    pub admin: bool,
}

/// A part of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Department {
    /// Number of the department.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its place.
    pub sort: u32,
    /// What it belongs to.
    pub parent: Option<u32>,
    /// Who leads it.
    pub head: Option<u32>,
}

/// A smart process with one funnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SmartProcess {
    /// `entityTypeId`.
    pub entity_type_id: u32,
    /// Its name.
    pub title: String,
    /// Id of its funnel.
    pub category_id: u32,
    /// Name of its funnel.
    pub category_name: String,
}

/// Texts that want to do harm to whoever shows them; those of [`Seed::Hostile`].
#[must_use]
pub const fn payloads() -> &'static [&'static str] {
    hostile::payloads()
}

impl World {
    /// Builds the world that a seed stands for; the same seed gives the same world.
    #[must_use]
    pub fn of(seed: Seed) -> Self {
        match seed {
            Seed::Demo => demo::world(),
            Seed::Large => large::world(),
            Seed::Empty => empty::world(),
            Seed::Hostile => hostile::world(),
            Seed::Random(number) => random::world(number),
        }
    }

    /// The stages of deals, funnel by funnel.
    pub fn deal_stages(&self) -> impl Iterator<Item = &Status> {
        self.statuses.iter().filter(|status| {
            status.entity_id == "DEAL_STAGE" || status.entity_id.starts_with("DEAL_STAGE_")
        })
    }

    /// The entries of one directory.
    pub fn directory(&self, entity_id: &str) -> impl Iterator<Item = &Status> {
        self.statuses
            .iter()
            .filter(move |status| status.entity_id == entity_id)
    }

    /// The user fields of one entity.
    pub fn fields_of(&self, entity: Entity) -> impl Iterator<Item = &UserField> {
        self.fields
            .iter()
            .filter(move |field| field.entity == entity)
    }

    /// The person of that id.
    #[must_use]
    pub fn user(&self, id: u32) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The id of the person with that role; the administrator is always 1.
    #[must_use]
    pub const fn user_id(&self, role: UserRole) -> u32 {
        match role {
            UserRole::Administrator => 1,
            UserRole::Employee => self.employee,
            UserRole::Narrow => self.narrow,
        }
    }

    /// The role of a person; everybody else is an ordinary employee.
    #[must_use]
    pub fn role_of(&self, user: u32) -> UserRole {
        match self.user(user) {
            Some(user) if user.admin => UserRole::Administrator,
            Some(user) if user.id == self.narrow => UserRole::Narrow,
            _ => UserRole::Employee,
        }
    }

    /// May that role read that deal funnel?
    #[must_use]
    pub fn may_read_funnel(&self, role: UserRole, funnel: u32) -> bool {
        match role {
            UserRole::Administrator => true,
            UserRole::Employee => !self.hidden_from_employee.contains(&funnel),
            UserRole::Narrow => self.visible_to_narrow.contains(&funnel),
        }
    }

    /// May that role read records of that entity, and so its fields?
    #[must_use]
    pub fn may_read_entity(&self, role: UserRole, entity: Entity) -> bool {
        role != UserRole::Narrow || entity == Entity::Deal
    }
}
