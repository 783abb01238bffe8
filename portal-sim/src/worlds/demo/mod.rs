//! The demo world: a made-up maker of windows and furniture with 6 funnels, 50 stages, 60 fields
//! and 25 people.

mod fields;
mod people;
mod stages;

use super::build::{Ids, deal_stages, funnel};
use super::{Status, World, dictionaries};

/// The funnel of tenders, which ordinary employees do not see.
const TENDERS: u32 = 19;

pub(super) fn world() -> World {
    let smart_processes = vec![dictionaries::purchases()];
    let mut ids = Ids::new(101, 2);
    let mut statuses: Vec<Status> = Vec::new();
    let mut funnels = Vec::new();
    for (id, name, sort, drafts) in stages::FUNNELS {
        funnels.push(funnel(*id, name, *sort));
        statuses.extend(deal_stages(*id, drafts, &mut ids));
    }
    statuses.extend(dictionaries::all(&smart_processes, &mut ids));
    World {
        company: "Светлица: окна и мебель".to_owned(),
        crm_mode: 1,
        funnels,
        statuses,
        fields: fields::all(),
        users: people::all(),
        departments: people::departments(),
        smart_processes,
        hidden_from_employee: vec![TENDERS],
        visible_to_narrow: vec![0, 7],
        employee: people::EMPLOYEE,
        narrow: people::NARROW,
    }
}
