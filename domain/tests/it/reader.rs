//! Reads the Russian text specification back, knowing nothing but its layout: what a label could
//! forge, this would take for real.

use std::collections::BTreeSet;

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, PortalInfo, PortalUser,
    Reading, Refusal, Section, Source, Specification, Stage, Viewer, words,
};
use time::OffsetDateTime;
use time::macros::format_description;

/// What the text says, and which funnels it lists groups of stages for.
pub struct Read {
    pub specification: Specification,
    pub groups: BTreeSet<i64>,
}

pub fn read(text: &str) -> Read {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    assert!(text.ends_with("\r\n"));
    let mut lines = Lines {
        lines: text.split("\r\n").collect(),
        next: 0,
    };
    assert_eq!(
        lines.heading(),
        "CRMAP: спецификация CRM-аккаунта, формат 1"
    );
    let (portal, reading) = header(&mut lines);
    totals(&mut lines);
    let funnels = lines.section("Воронки", |lines, count| {
        lines.rows(2, count, funnel)
    });
    let mut groups = BTreeSet::new();
    let stages = lines.section("Статусы воронок", |lines, count| {
        stages(lines, count, &mut groups)
    });
    let deal = lines.section("Пользовательские поля сделок", fields);
    let contact = lines.section("Пользовательские поля контактов", fields);
    let company = lines.section("Пользовательские поля компаний", fields);
    let lead = lines
        .is_section("Пользовательские поля лидов")
        .then(|| lines.section("Пользовательские поля лидов", fields));
    let users = lines.section("Сотрудники", |lines, count| {
        lines.rows(2, count, user)
    });
    assert_eq!(lines.rest(), [""]);
    let fields = Fields {
        deal,
        contact,
        company,
        lead,
    };
    let specification = Specification {
        portal,
        reading,
        funnels,
        stages,
        fields,
        users,
    };
    Read {
        specification,
        groups,
    }
}

struct Lines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn peek(&self) -> &'a str {
        self.lines[self.next]
    }

    fn take(&mut self) -> &'a str {
        self.next += 1;
        self.lines[self.next - 1]
    }

    fn rest(&self) -> &[&'a str] {
        &self.lines[self.next..]
    }

    fn blank(&mut self) {
        assert_eq!(self.take(), "");
    }

    fn heading(&mut self) -> &'a str {
        let title = self.take();
        let rule = self.take();
        assert!(rule.bytes().all(|byte| byte == b'=') && rule.len() >= title.chars().count());
        self.blank();
        title
    }

    fn fact(&mut self, name: &str) -> &'a str {
        let line = self.take();
        let value = line
            .strip_prefix(name)
            .unwrap_or_else(|| panic!("{name}: {line:?}"));
        assert!(value.starts_with("  "));
        value.trim_start()
    }

    fn is_section(&self, title: &str) -> bool {
        self.lines[self.next + 2].starts_with(title)
    }

    fn section<T>(
        &mut self,
        title: &str,
        read: impl FnOnce(&mut Self, usize) -> Vec<T>,
    ) -> Section<T> {
        self.blank();
        self.blank();
        let heading = self.heading();
        let Some(total) = heading.strip_prefix(title).expect(title).strip_prefix(": ") else {
            assert_eq!(heading, title);
            let reason = self.take().strip_prefix("не прочитано: ").unwrap();
            return Section::Refused(Refusal::Other {
                code: String::new(),
                message: reason.into(),
            });
        };
        let count: usize = total.split(',').next().unwrap().parse().unwrap();
        if count == 0 {
            assert_eq!(self.take(), "Здесь ничего нет.");
            return Section::Rows(Vec::new());
        }
        let rows = read(self, count);
        assert_eq!(rows.len(), count);
        Section::Rows(rows)
    }

    /// A table's rows: its titles and rule, then `count` lines.
    fn rows<T>(&mut self, indent: usize, count: usize, read: fn(&[&str]) -> T) -> Vec<T> {
        self.titles(indent);
        (0..count).map(|_| read(&self.columns(indent))).collect()
    }

    fn titles(&mut self, indent: usize) -> Vec<&'a str> {
        let titles = self.columns(indent);
        let rule = self.columns(indent);
        assert_eq!(titles.len(), rule.len());
        assert!(rule.concat().bytes().all(|byte| byte == b'-'));
        titles
    }

    fn columns(&mut self, indent: usize) -> Vec<&'a str> {
        let line = self.take();
        let cells = line
            .strip_prefix(&" ".repeat(indent))
            .expect("an indented row");
        cells
            .split("  ")
            .map(|cell| cell.trim_start_matches(' '))
            .filter(|c| !c.is_empty())
            .collect()
    }
}

/// A value as the portal has it.
fn value(cell: &str) -> String {
    assert_ne!(cell, "");
    if cell == "—" {
        return String::new();
    }
    let mut text = String::new();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let kind = after.chars().next().expect("an escape");
        rest = &after[1..];
        text.push(match kind {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' => '\\',
            'u' => {
                let (digits, after) = rest[1..].split_once('}').unwrap();
                rest = after;
                char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap()
            }
            other => panic!("an unknown escape {other:?}"),
        });
    }
    text + rest
}

fn optional(cell: &str) -> Option<String> {
    Some(value(cell)).filter(|text| !text.is_empty())
}

fn number(cell: &str) -> i64 {
    cell.parse().unwrap()
}

fn header(lines: &mut Lines<'_>) -> (PortalInfo, Reading) {
    let address = value(lines.fact("Портал"));
    let date = lines.fact("Дата чтения");
    let [at, source, member_id] = date.split(", ").collect::<Vec<_>>().try_into().unwrap();
    let viewer = lines.fact("Пользователь");
    let [name, id, rights] = viewer.split(", ").collect::<Vec<_>>().try_into().unwrap();
    let plan = lines.fact("Тариф");
    let lang = lines.fact("Язык названий");
    let format = format_description!(
        "[year]-[month]-[day] [hour]:[minute]:[second] [offset_hour sign:mandatory]:[offset_minute]"
    );
    let member_id = member_id.strip_prefix("member_id ").unwrap();
    let portal = PortalInfo {
        address,
        member_id: (member_id != "неизвестен").then(|| MemberId::parse(member_id).unwrap()),
        plan: (plan != "портал не сообщил").then(|| value(plan)),
    };
    let reading = Reading {
        at: OffsetDateTime::parse(at, format).unwrap(),
        source: match source {
            "приложение" => Source::Application,
            "входящий вебхук" => Source::Webhook,
            other => panic!("{other}"),
        },
        viewer: Viewer {
            id: number(id.strip_prefix("ID ").unwrap()),
            name: value(name),
            administrator: match rights {
                "администратор" => true,
                "не администратор" => false,
                other => panic!("{other}"),
            },
        },
        lang: match lang {
            "русский" => Lang::Ru,
            "английский" => Lang::En,
            other => panic!("{other:?} is no language"),
        },
    };
    (portal, reading)
}

fn totals(lines: &mut Lines<'_>) {
    lines.blank();
    lines.blank();
    assert_eq!(lines.heading(), "Всего");
    while !lines.peek().is_empty() {
        lines.take();
    }
}

fn funnel(cells: &[&str]) -> Funnel {
    let [id, name, sort, is_default, _stages] = cells else {
        panic!("{cells:?}")
    };
    Funnel {
        id: number(id),
        name: value(name),
        sort: number(sort),
        is_default: *is_default == "да",
    }
}

fn stages(lines: &mut Lines<'_>, total: usize, groups: &mut BTreeSet<i64>) -> Vec<Stage> {
    let mut stages = Vec::new();
    loop {
        let (title, count) = lines.take().rsplit_once(", статусов: ").unwrap();
        let title = title.strip_prefix("Воронка ").unwrap();
        let funnel_id = number(title.split([':', ' ']).next().unwrap());
        groups.insert(funnel_id);
        let count: usize = count.parse().unwrap();
        if count > 0 {
            lines.blank();
            let mut group = lines.rows(2, count, stage);
            group
                .iter_mut()
                .for_each(|stage| stage.funnel_id = funnel_id);
            stages.append(&mut group);
        }
        // Two blank lines end the section, one another group.
        if lines.rest()[..2] == ["", ""] {
            assert_eq!(stages.len(), total);
            return stages;
        }
        lines.blank();
    }
}

fn stage(cells: &[&str]) -> Stage {
    let [status_id, name, sort, meaning, color, marks, entity_id, id] = cells else {
        panic!("{cells:?}")
    };
    Stage {
        id: number(id),
        entity_id: value(entity_id),
        funnel_id: 0,
        status_id: value(status_id),
        name: value(name),
        sort: number(sort),
        meaning: match *meaning {
            "в работе" => Meaning::InProgress,
            "успех" => Meaning::Success,
            "провал" => Meaning::Failure,
            "анализ причины провала" => Meaning::Apology,
            other => panic!("{other}"),
        },
        color: Color::parse(color),
        system: *marks == "системный",
    }
}

fn fields(lines: &mut Lines<'_>, count: usize) -> Vec<CustomField> {
    lines.titles(2);
    (0..count)
        .map(|_| {
            let mut read = field(&lines.columns(2));
            if lines
                .peek()
                .trim_start()
                .starts_with("ID  Элементы списка: ")
            {
                read.items = items(lines);
            }
            read
        })
        .collect()
}

fn field(cells: &[&str]) -> CustomField {
    let [id, code, label, kind, marks, sort, xml_id] = cells else {
        panic!("{cells:?}")
    };
    let (type_code, refers_to) = field_type(kind);
    CustomField {
        id: number(id),
        code: value(code),
        label: value(label),
        type_code,
        refers_to,
        required: marks.contains("обязательное"),
        multiple: marks.contains("множественное"),
        sort: number(sort),
        xml_id: optional(xml_id),
        items: Vec::new(),
    }
}

/// A code without words has no space before the first comma; words always have one.
fn field_type(cell: &str) -> (String, Vec<String>) {
    let list = |text: &str| text.split(", ").map(value).collect::<Vec<_>>();
    if !cell.split(", ").next().unwrap().contains(' ') {
        return match cell.split_once(", ") {
            Some((code, targets)) => (value(code), list(targets)),
            None => (value(cell), Vec::new()),
        };
    }
    let (rest, code) = cell.strip_suffix(')').unwrap().rsplit_once(" (").unwrap();
    let targets = rest.strip_prefix(words::type_name(code, Lang::Ru)).unwrap();
    (
        code.to_owned(),
        targets.strip_prefix(": ").map(list).unwrap_or_default(),
    )
}

fn items(lines: &mut Lines<'_>) -> Vec<ListItem> {
    let titles = lines.titles(8);
    let count = titles[1]
        .strip_prefix("Элементы списка: ")
        .unwrap()
        .parse::<usize>()
        .unwrap();
    let items = (0..count).map(|_| item(&lines.columns(8))).collect();
    lines.blank();
    items
}

fn item(cells: &[&str]) -> ListItem {
    let [id, text, sort, marks, xml_id] = cells else {
        panic!("{cells:?}")
    };
    ListItem {
        id: number(id),
        value: value(text),
        sort: number(sort),
        is_default: *marks == "по умолчанию",
        xml_id: optional(xml_id),
    }
}

fn user(cells: &[&str]) -> PortalUser {
    let [id, name, position, departments, active] = cells else {
        panic!("{cells:?}")
    };
    PortalUser {
        id: number(id),
        name: value(name),
        position: value(position),
        departments: match *departments {
            "—" => Vec::new(),
            names => names.split("; ").map(value).collect(),
        },
        active: *active == "да",
    }
}
