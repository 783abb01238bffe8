//! What exports cost: `figures one FORM FIELDS` and `figures many FORM PORTALS FIELDS`, each in a
//! process of its own, so that the peak of its memory is its own. With `--out FILE` the file is kept.
#![expect(
    clippy::unwrap_used,
    reason = "a figure is not worth having where something failed"
)]

use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, PortalInfo, PortalUser,
    Reading, Section, Source, Specification, Stage, Viewer,
};
use crmap_export::{Content, Form, Many, OfMany, Portal};
use time::OffsetDateTime;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let out = arguments.iter().position(|argument| argument == "--out");
    let out = out.map(|place| arguments.drain(place..).nth(1).unwrap());
    let number = |place: usize| arguments[place].parse::<i64>().unwrap();
    match &*arguments[0] {
        "one" => one(&arguments[1], number(2), out.as_deref()),
        "many" => many(&arguments[1], number(2), number(3), out.as_deref()),
        other => panic!("{other}"),
    }
}

fn one(form: &str, fields: i64, out: Option<&str>) {
    let form = Form::of(form).unwrap();
    let specification = specification(1, fields);
    let mut sink = Sink::new(out);
    let before = resident();
    form.write(&specification, Lang::Ru, &mut sink).unwrap();
    sink.report(
        &format!("one {} of {fields} fields", form.extension()),
        before,
    );
}

/// The portals are made one at a time, as the server gets them.
fn many(form: &str, portals: i64, fields: i64, out: Option<&str>) {
    let form = OfMany::of(form).unwrap();
    let mut sink = Sink::new(out);
    let before = resident();
    let mut many = Many::begin(form, Lang::Ru, &mut sink).unwrap();
    for number in 1..=portals {
        let read = specification(number, fields);
        let portal = Portal {
            member_id: MemberId::parse(&format!("{number:032x}")).unwrap(),
            address: read.portal.address.clone(),
            label: String::new(),
            content: Content::Read(Arc::new(read)),
        };
        many.add(&portal).unwrap();
    }
    many.finish().unwrap();
    let what = format!("{portals} portals of {fields} fields as {}", form.name());
    sink.report(&what, before);
}

/// Counts what comes, and when the first of it came.
struct Sink {
    begun: Instant,
    first: Option<Duration>,
    bytes: usize,
    file: Option<BufWriter<std::fs::File>>,
}

impl Sink {
    fn new(out: Option<&str>) -> Self {
        Self {
            begun: Instant::now(),
            first: None,
            bytes: 0,
            file: out.map(|path| BufWriter::new(std::fs::File::create(path).unwrap())),
        }
    }

    fn report(&self, what: &str, before: u64) {
        println!(
            "{what}: {} KiB, first byte {:?}, all {:?}, RSS +{} MiB at its peak",
            self.bytes / 1024,
            self.first.unwrap_or_default(),
            self.begun.elapsed(),
            status("VmHWM").saturating_sub(before) / 1024
        );
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.first.get_or_insert(self.begun.elapsed());
        self.bytes += bytes.len();
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Resident memory in KiB.
fn resident() -> u64 {
    status("VmRSS")
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A portal with so many fields, of which every fourth is a list of five items.
fn specification(number: i64, fields: i64) -> Specification {
    let of_each = |part: i64| Section::Rows((1..=part).map(|id| field(number, id)).collect());
    Specification {
        portal: PortalInfo {
            address: format!("portal-{number}.bitrix24.ru"),
            member_id: None,
            plan: Some("ru_basic".to_owned()),
        },
        reading: Reading {
            at: OffsetDateTime::UNIX_EPOCH,
            source: Source::Application,
            viewer: Viewer {
                id: 1,
                name: "Анна Титова".to_owned(),
                administrator: true,
            },
            lang: Lang::Ru,
        },
        funnels: Section::Rows((0..20).map(funnel).collect()),
        stages: Section::Rows((1..=200).map(stage).collect()),
        fields: Fields {
            deal: of_each(fields - 2 * (fields / 4)),
            contact: of_each(fields / 4),
            company: of_each(fields / 4),
            lead: None,
        },
        users: Section::Rows((1..=100).map(user).collect()),
    }
}

fn funnel(id: i64) -> Funnel {
    Funnel {
        id,
        name: format!("Воронка продаж {id}"),
        sort: id * 100,
        is_default: id == 0,
    }
}

fn stage(id: i64) -> Stage {
    let funnel_id = id / 10;
    Stage {
        id,
        entity_id: format!("DEAL_STAGE_{funnel_id}"),
        funnel_id,
        status_id: format!("C{funnel_id}:UC_{:06X}", id * 7_919),
        name: format!("Согласование {id}"),
        sort: id * 10,
        meaning: Meaning::InProgress,
        color: Color::parse("#39a8ef"),
        system: false,
    }
}

fn field(portal: i64, id: i64) -> CustomField {
    let is_list = id % 4 == 0;
    let item = |number: i64| ListItem {
        id: id * 5 + number,
        value: format!("Значение {number} поля {id}"),
        sort: number * 10,
        is_default: false,
        xml_id: Some(format!("{:08x}", (portal + id * 5 + number) * 2_654_435)),
    };
    CustomField {
        id,
        code: format!("UF_CRM_{}", 1_700_000_000 + portal * 7_919 + id * 31),
        label: format!("Поле карточки номер {id}"),
        type_code: if is_list { "enumeration" } else { "string" }.to_owned(),
        refers_to: Vec::new(),
        required: false,
        multiple: false,
        sort: id * 10,
        xml_id: None,
        items: if is_list {
            (0..5).map(item).collect()
        } else {
            Vec::new()
        },
    }
}

fn user(id: i64) -> PortalUser {
    PortalUser {
        id,
        name: format!("Сотрудник Фамильевич {id}"),
        position: "Менеджер".to_owned(),
        departments: vec!["Отдел продаж".to_owned()],
        active: true,
    }
}
