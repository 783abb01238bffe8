//! Reads a CSV file back into the sections of a specification, as a program of somebody else would.

use std::collections::HashMap;

use crmap_domain::{
    Color, CustomField, Fields, Funnel, Lang, ListItem, Meaning, PortalUser, Refusal, Section,
    Stage,
};

/// What a file says; sections without a row are not there.
#[derive(Debug, Default, PartialEq)]
pub struct Read {
    pub funnels: Vec<Funnel>,
    pub stages: Vec<Stage>,
    /// By the title of their section.
    pub fields: HashMap<String, Vec<CustomField>>,
    pub users: Vec<PortalUser>,
    /// Titles of sections that were refused, with why.
    pub refused: Vec<(String, String)>,
}

/// The cells of a file as they stand in it, without its captions.
pub fn cells(file: &str, separator: u8) -> Vec<Vec<String>> {
    let file = file.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .from_reader(file.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        row.iter().map(str::to_owned).collect::<Vec<_>>()
    });
    rows.collect()
}

/// Takes the apostrophes away and reads the escapes.
pub fn plain(cell: &str, other_separator: char) -> String {
    let parts: Vec<_> = cell.split(other_separator).map(unguarded).collect();
    unescaped(&parts.join(&other_separator.to_string()))
}

/// An apostrophe is ours where what follows would be a formula without it.
fn unguarded(part: &str) -> &str {
    match part.strip_prefix('\'') {
        Some(rest) if is_guarded(rest) => rest,
        _ => part,
    }
}

/// Whether a text of a file would have an apostrophe: by what comes after quotes, spaces and
/// characters that are written out.
fn is_guarded(shown: &str) -> bool {
    let shown = shown.trim_start_matches(['\'', '"', ' ']);
    if shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || ["\\t", "\\r", "\\u{0}"]
            .iter()
            .any(|control| shown.starts_with(control))
    {
        return true;
    }
    if let Some(rest) = shown.strip_prefix("\\n") {
        return is_guarded(rest);
    }
    let escape = shown
        .strip_prefix("\\u{")
        .and_then(|rest| rest.split_once('}'));
    escape.is_some_and(|(_, rest)| is_guarded(rest))
}

/// As a spreadsheet might see it that forgives what stands before a formula.
pub fn looks_like_a_formula(text: &str) -> bool {
    let mut rest = text.chars().peekable();
    // Tabulators, returns and NULs count where they are the first that is no quote or space.
    while let Some(c) = rest.next_if(|c| !"=+-@＝＋－＠\t\r\0".contains(*c)) {
        let is_passed_over = "'\" \n".contains(c)
            || (c != ' '
                && crmap_domain::visible(&format!("a{c}a")).len() > c.len_utf8() + 2
                && c != '\\');
        if !is_passed_over {
            return false;
        }
    }
    rest.peek().is_some()
}

/// Reads `\n`, `\u{202E}` and the like.
pub fn unescaped(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown;
    while let Some(place) = rest.find('\\') {
        text.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        let taken = match rest.as_bytes().first() {
            Some(b'n') => push(&mut text, '\n', 1),
            Some(b'r') => push(&mut text, '\r', 1),
            Some(b't') => push(&mut text, '\t', 1),
            Some(b'\\') => push(&mut text, '\\', 1),
            Some(b'u') => {
                let end = rest.find('}').unwrap();
                let number = u32::from_str_radix(&rest[2..end], 16).unwrap();
                push(&mut text, char::from_u32(number).unwrap(), end + 1)
            }
            other => panic!("{other:?} in {shown:?}"),
        };
        rest = &rest[taken..];
    }
    text + rest
}

fn push(text: &mut String, c: char, taken: usize) -> usize {
    text.push(c);
    taken
}

/// Reads a file in Russian.
pub fn read(file: &str) -> Read {
    let mut read = Read::default();
    for row in cells(file, b';') {
        assert_eq!(row.len(), 21, "{row:?}");
        let row = Row(row.iter().map(|cell| plain(cell, ',')).collect(), row);
        read.take(&row);
    }
    read
}

/// A row, as it was meant and as it stands in the file.
struct Row(Vec<String>, Vec<String>);

impl Row {
    fn text(&self, place: usize) -> String {
        self.0[place].clone()
    }

    fn some(&self, place: usize) -> Option<String> {
        Some(self.text(place)).filter(|text| !text.is_empty())
    }

    fn number(&self, place: usize) -> i64 {
        self.1[place].parse().unwrap()
    }

    fn yes(&self, place: usize) -> bool {
        match &*self.1[place] {
            "да" => true,
            "нет" => false,
            other => panic!("{other}"),
        }
    }

    /// Several texts in one cell, whose separator is escaped within them.
    fn list(&self, place: usize, separator: &str) -> Vec<String> {
        let cell = &self.1[place];
        if cell.is_empty() {
            return Vec::new();
        }
        let whole = cell.split(',').map(unguarded).collect::<Vec<_>>().join(",");
        whole.split(separator).map(unescaped).collect()
    }
}

impl Read {
    fn take(&mut self, row: &Row) {
        let section = row.text(0);
        if row.1[3].is_empty() {
            self.refused.push((section, row.text(5)));
            return;
        }
        match &*section {
            "Воронки" => self.funnels.push(Funnel {
                id: row.number(3),
                name: row.text(5),
                sort: row.number(9),
                is_default: row.yes(10),
            }),
            "Статусы" => self.stages.push(stage(row)),
            "Сотрудники" => self.users.push(PortalUser {
                id: row.number(3),
                name: row.text(5),
                position: row.text(18),
                departments: row.list(19, "; "),
                active: row.yes(20),
            }),
            items if items.starts_with("Элементы") => self.item(items, row),
            _ => {
                let fields = self.fields.entry(section).or_default();
                fields.push(field(row));
            }
        }
    }

    /// An item belongs to the field above it.
    fn item(&mut self, section: &str, row: &Row) {
        let of = section.rsplit(' ').next().unwrap();
        let mut sections = self.fields.iter_mut();
        let (_, fields) = sections.find(|(title, _)| title.ends_with(of)).unwrap();
        let field = fields.last_mut().unwrap();
        assert_eq!((&row.text(1), &row.text(2)), (&field.code, &field.label));
        field.items.push(ListItem {
            id: row.number(3),
            value: row.text(5),
            sort: row.number(9),
            is_default: row.yes(10),
            xml_id: row.some(17),
        });
    }
}

fn stage(row: &Row) -> Stage {
    Stage {
        id: row.number(3),
        entity_id: row.text(16),
        funnel_id: row.number(1),
        status_id: row.text(4),
        name: row.text(5),
        sort: row.number(9),
        meaning: [
            Meaning::InProgress,
            Meaning::Success,
            Meaning::Failure,
            Meaning::Apology,
        ]
        .into_iter()
        .find(|meaning| meaning.word(Lang::Ru) == row.text(13))
        .unwrap(),
        color: row.some(14).map(|color| Color::parse(&color).unwrap()),
        system: row.yes(15),
    }
}

fn field(row: &Row) -> CustomField {
    CustomField {
        id: row.number(3),
        code: row.text(4),
        label: row.text(5),
        type_code: row.text(7),
        refers_to: row.list(8, ", "),
        required: row.yes(11),
        multiple: row.yes(12),
        sort: row.number(9),
        xml_id: row.some(17),
        items: Vec::new(),
    }
}

/// What a file does not keep: the difference between no outside identifier and an empty one, lists
/// of nothing but an empty text, and of a refusal anything beyond its sentence.
pub fn as_a_file_keeps(specification: &crmap_domain::Specification) -> Read {
    let mut kept = Read {
        funnels: specification.funnels.rows().to_vec(),
        stages: specification.stages.rows().to_vec(),
        fields: HashMap::new(),
        users: specification.users.rows().to_vec(),
        refused: Vec::new(),
    };
    for user in &mut kept.users {
        not_just_nothing(&mut user.departments);
    }
    let mut refuse = |title: &str, refusal: Option<&Refusal>| {
        let why = refusal.map(|refusal| format!("Не прочитано: {}", refusal.sentence(Lang::Ru)));
        kept.refused
            .extend(why.map(|why| (title.to_owned(), unescaped(&why))));
    };
    refuse("Воронки", specification.funnels.refusal());
    refuse("Статусы", specification.stages.refusal());
    let Fields {
        deal,
        contact,
        company,
        lead,
    } = &specification.fields;
    let sections = [Some(deal), Some(contact), Some(company), lead.as_ref()];
    let names = ["сделок", "контактов", "компаний", "лидов"];
    for (section, of) in sections.into_iter().zip(names) {
        let Some(section) = section else { continue };
        let title = format!("Пользовательские поля {of}");
        refuse(&title, section.refusal());
        let fields: Vec<_> = section.rows().iter().cloned().map(kept_field).collect();
        if !fields.is_empty() {
            kept.fields.insert(title, fields);
        }
    }
    refuse("Сотрудники", Section::refusal(&specification.users));
    kept
}

fn kept_field(mut field: CustomField) -> CustomField {
    field.xml_id.take_if(|text| text.is_empty());
    not_just_nothing(&mut field.refers_to);
    for item in &mut field.items {
        item.xml_id.take_if(|text| text.is_empty());
    }
    field
}

fn not_just_nothing(list: &mut Vec<String>) {
    if list.len() == 1 && list[0].is_empty() {
        list.clear();
    }
}
