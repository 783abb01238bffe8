//! Reads a whole specification: which methods, in how few requests, and what is made of the
//! answers (bitrix24.md §4.9). One batch asks for everything at once; a second one for all further
//! pages, where there are any.

use std::collections::HashMap;

use crmap_crm::CrmError;
use crmap_domain::{
    CustomField, EntityKind, Fields, Funnel, Lang, MemberId, PortalInfo, Reading, Refusal, Section,
    Source, Specification, Viewer,
};
use serde_json::value::RawValue;
use time::{OffsetDateTime, UtcOffset};
use tokio::time::Instant;

use crate::batch::{self, Command, LARGEST, Outcome};
use crate::classify::Said;
use crate::decode::{self, AppInfo, Department, Misread, Row, Status, User, works_with_leads};
use crate::paging::{Contradiction, Page, Pages, Totals};
use crate::params::Params;
use crate::standing::{self, INFO, PROFILE, next};
use crate::transport::Channel;

const MODE: &str = "crm.settings.mode.get";

/// What the caller of a reading decides.
pub(crate) struct Request {
    pub(crate) lang: Lang,
    pub(crate) member_id: Option<MemberId>,
    pub(crate) now: OffsetDateTime,
    pub(crate) deadline: Instant,
}

/// Reads everything that the credential's owner may see.
pub(crate) async fn specification(
    channel: &Channel,
    request: Request,
) -> Result<Specification, CrmError> {
    let mut lists = Lists::new(request.lang);
    let about = first_round(channel, &mut lists, request.deadline).await?;
    loop {
        let wanted = lists.wanted()?;
        if wanted.is_empty() {
            break;
        }
        for part in wanted.chunks(LARGEST) {
            let commands: Vec<Command> = part.iter().map(|ask| ask.command.clone()).collect();
            let answers = batch::run(channel, &commands, request.deadline).await?;
            for (ask, outcome) in part.iter().zip(answers.outcomes) {
                lists.take(ask, outcome, channel.is_webhook())?;
            }
        }
    }
    assemble(channel, request, about, lists)
}

/// What the portal says of itself and of the viewer.
struct About {
    viewer: Viewer,
    plan: Option<String>,
    leads: bool,
    offset: UtcOffset,
}

async fn first_round(
    channel: &Channel,
    lists: &mut Lists,
    deadline: Instant,
) -> Result<About, CrmError> {
    let asks = lists.wanted()?;
    let commands: Vec<Command> = [PROFILE, INFO, MODE]
        .into_iter()
        .map(Command::bare)
        .chain(asks.iter().map(|ask| ask.command.clone()))
        .collect();
    let answers = batch::run(channel, &commands, deadline).await?;
    let webhook = channel.is_webhook();
    let mut outcomes = answers.outcomes.into_iter();
    let viewer = standing::viewer(channel, next(&mut outcomes, PROFILE)?)?;
    let plan = match next(&mut outcomes, INFO)? {
        Outcome::Answer { result, .. } => understood(INFO, AppInfo::read(&result))?.plan,
        Outcome::Refused(said) => refused(said, INFO, webhook).map(|_| None)?,
    };
    let leads = match next(&mut outcomes, MODE)? {
        Outcome::Answer { result, .. } => understood(MODE, works_with_leads(&result))?,
        // Old portals have no such method, and all of them work with leads.
        Outcome::Refused(said) => refused(said, MODE, webhook).map(|_| true)?,
    };
    for (ask, outcome) in asks.iter().zip(outcomes) {
        lists.take(ask, outcome, webhook)?;
    }
    let offset = answers.times.offset.unwrap_or(UtcOffset::UTC);
    Ok(About {
        viewer,
        plan,
        leads,
        offset,
    })
}

fn assemble(
    channel: &Channel,
    request: Request,
    about: About,
    lists: Lists,
) -> Result<Specification, CrmError> {
    let names: HashMap<i64, String> = match lists.departments.finish()? {
        Section::Rows(rows) => rows.into_iter().map(|row| (row.id, row.name)).collect(),
        // Numbers will do; a missing name of a department is not worth a remark.
        Section::Refused(_) => HashMap::new(),
    };
    let [deal, contact, company, lead] = lists.fields.map(List::finish);
    let now = request.now.to_offset(about.offset);
    let mut specification = Specification {
        portal: PortalInfo {
            address: channel.address().to_owned(),
            member_id: request.member_id,
            plan: about.plan,
        },
        reading: Reading {
            at: now.replace_nanosecond(0).unwrap_or(now),
            source: if channel.is_webhook() {
                Source::Webhook
            } else {
                Source::Application
            },
            viewer: about.viewer,
            lang: request.lang,
        },
        funnels: lists.funnels.finish()?,
        stages: mapped(lists.statuses.finish()?, |status| status.stage),
        fields: Fields {
            deal: deal?,
            contact: contact?,
            company: company?,
            lead: if about.leads { Some(lead?) } else { None },
        },
        users: mapped(lists.users.finish()?, |user| {
            Some(user.with_departments(&names))
        }),
    };
    specification.sort();
    Ok(specification)
}

fn mapped<A, B>(section: Section<A>, map: impl FnMut(A) -> Option<B>) -> Section<B> {
    match section {
        Section::Rows(rows) => Section::Rows(rows.into_iter().filter_map(map).collect()),
        Section::Refused(refusal) => Section::Refused(refusal),
    }
}

/// Every list of a specification.
struct Lists {
    funnels: List<Funnel>,
    statuses: List<Status>,
    /// Of each entity, in the order of [`EntityKind::ALL`].
    fields: [List<CustomField>; EntityKind::ALL.len()],
    users: List<User>,
    departments: List<Department>,
}

/// A page to ask for.
struct Ask {
    list: usize,
    start: u64,
    command: Command,
}

impl Lists {
    fn new(lang: Lang) -> Self {
        let none = Params::default;
        let by_id = |sort: &str, order: &str| none().with(sort, "ID").with(order, "ASC");
        let rows = |raw: &RawValue, first| decode::rows(raw, "result", first);
        Self {
            funnels: List {
                decode: decode::funnels,
                ..List::new(
                    "crm.category.list",
                    none().with("entityTypeId", "2"),
                    Totals::Exact,
                )
            },
            // All dictionaries of the portal come in one answer; asking for each funnel's alone
            // would take as many commands as there are funnels.
            statuses: List::new("crm.status.list", none(), Totals::Exact),
            fields: EntityKind::ALL.map(|kind| fields(kind, lang)),
            users: List::new("user.get", by_id("sort", "order"), Totals::Exact),
            departments: List {
                start: "START",
                decode: rows,
                ..List::new("department.get", none(), Totals::Hint)
            },
        }
    }

    fn each(&mut self) -> impl Iterator<Item = &mut dyn Gathering> {
        fn any<T: Gathering>(list: &mut T) -> &mut dyn Gathering {
            list
        }
        let first = [any(&mut self.funnels), any(&mut self.statuses)];
        let last = [any(&mut self.users), any(&mut self.departments)];
        let fields = self.fields.iter_mut().map(any);
        first.into_iter().chain(fields).chain(last)
    }

    fn wanted(&mut self) -> Result<Vec<Ask>, CrmError> {
        let mut asks = Vec::new();
        for (list, gathering) in self.each().enumerate() {
            for (start, command) in gathering.wanted()? {
                asks.push(Ask {
                    list,
                    start,
                    command,
                });
            }
        }
        Ok(asks)
    }

    fn take(&mut self, ask: &Ask, outcome: Outcome, webhook: bool) -> Result<(), CrmError> {
        match self.each().nth(ask.list) {
            Some(gathering) => gathering.take(ask.start, outcome, webhook),
            None => Ok(()),
        }
    }
}

fn fields(kind: EntityKind, lang: Lang) -> List<CustomField> {
    let method = match kind {
        EntityKind::Deal => "crm.deal.userfield.list",
        EntityKind::Contact => "crm.contact.userfield.list",
        EntityKind::Company => "crm.company.userfield.list",
        EntityKind::Lead => "crm.lead.userfield.list",
    };
    // Not a filter but a switch: without it there are no labels at all.
    List::new(
        method,
        Params::default().with("filter[LANG]", lang.code()),
        Totals::Hint,
    )
}

/// One list: how to ask for it and what has come of it.
struct List<T: Row> {
    method: &'static str,
    params: Params,
    start: &'static str,
    decode: fn(&RawValue, usize) -> Result<Vec<T>, Misread>,
    pages: Pages<T::Key, T>,
    refused: Option<Refusal>,
}

/// A list whatever its rows.
trait Gathering {
    /// The pages to ask for next, by their offsets.
    fn wanted(&mut self) -> Result<Vec<(u64, Command)>, CrmError>;

    /// Takes what came of the page at `start`.
    fn take(&mut self, start: u64, outcome: Outcome, webhook: bool) -> Result<(), CrmError>;
}

impl<T: Row> List<T> {
    fn new(method: &'static str, params: Params, totals: Totals) -> Self {
        Self {
            method,
            params,
            start: "start",
            decode: |raw, first| decode::rows(raw, "result", first),
            pages: Pages::new(totals),
            refused: None,
        }
    }

    fn finish(self) -> Result<Section<T>, CrmError> {
        match self.refused {
            Some(refusal) => Ok(Section::Refused(refusal)),
            None => {
                let rows = self.pages.finish();
                rows.map(Section::Rows)
                    .map_err(|error| contradicted(self.method, error))
            }
        }
    }
}

impl<T: Row> Gathering for List<T> {
    fn wanted(&mut self) -> Result<Vec<(u64, Command)>, CrmError> {
        if self.refused.is_some() {
            return Ok(Vec::new());
        }
        let starts = self
            .pages
            .wanted()
            .map_err(|error| contradicted(self.method, error))?;
        let command = |start: u64| Command {
            method: self.method,
            params: self.params.clone().with(self.start, start.to_string()),
        };
        Ok(starts
            .into_iter()
            .map(|start| (start, command(start)))
            .collect())
    }

    fn take(&mut self, start: u64, outcome: Outcome, webhook: bool) -> Result<(), CrmError> {
        let (result, total, next) = match outcome {
            Outcome::Answer {
                result,
                total,
                next,
            } => (result, total, next),
            Outcome::Refused(said) => {
                self.refused = Some(refused(said, self.method, webhook)?);
                return Ok(());
            }
        };
        let first = usize::try_from(start).unwrap_or(usize::MAX);
        let rows = understood(self.method, (self.decode)(&result, first))?;
        self.pages
            .accept(start, Page { rows, total, next }, T::key)
            .map_err(|error| contradicted(self.method, error))
    }
}

/// What to note of a refusal, or the failure of the whole account.
fn refused(said: Said, method: &str, webhook: bool) -> Result<Refusal, CrmError> {
    match said.refusal(method) {
        Some(refusal) => Ok(refusal),
        None => Err(said.into_error(method, webhook)),
    }
}

/// What was read, or where it could not be.
pub(crate) fn understood<T>(method: &str, read: Result<T, Misread>) -> Result<T, CrmError> {
    read.map_err(|misread| malformed(method, misread.0))
}

fn contradicted(method: &str, contradiction: Contradiction) -> CrmError {
    let place = match contradiction {
        Contradiction::Next => "next",
        Contradiction::Total => "total",
    };
    malformed(method, place.to_owned())
}

/// An answer that cannot be understood.
pub(crate) fn malformed(method: &str, place: String) -> CrmError {
    CrmError::Malformed {
        method: method.to_owned(),
        place,
    }
}
