//! Finds rows by any part of a label, a code or an ID, at every key pressed. Whole words in any
//! order, capitals and ё aside; no ranking, no guessing. That is the search in one portal, which runs
//! in the browser; [`fleet`] searches many of them on the server, and a [`choice`] picks by name.

pub mod choice;
pub mod fleet;
mod hit;

use std::ops::Range;

use crate::{CustomField, Funnel, ListItem, PortalUser, Stage};

pub use hit::{Hit, HitParent, Mark};

/// What somebody types into a search box.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    words: Vec<String>,
}

/// The texts of one row, made ready to be searched. Making them costs far more than searching
/// them: make them once and keep them beside the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchKey {
    /// The row's own texts and after them those of its list items, folded, each ended by a line
    /// break, which no word of a query can hold.
    text: String,
    /// Where the row's own texts end, then where each list item's end.
    ends: Vec<usize>,
}

/// A text as it is compared: in small letters, with е for ё.
#[must_use]
pub fn key(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

fn fold_into(folded: &mut String, text: &str) {
    for c in text.chars() {
        push_folded(folded, c);
    }
}

fn push_folded(folded: &mut String, c: char) {
    match c {
        'a'..='z' | '0'..='9' | 'а'..='я' => folded.push(c),
        'A'..='Z' => folded.push(c.to_ascii_lowercase()),
        'ё' | 'Ё' => folded.push('е'),
        _ => folded.extend(c.to_lowercase()),
    }
}

impl Query {
    /// Splits at white space; an empty query matches every row.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            words: text.split_whitespace().map(key).collect(),
        }
    }

    /// Whether nothing is looked for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether every word occurs somewhere in the row, its list items included.
    #[must_use]
    pub fn matches(&self, key: &SearchKey) -> bool {
        self.words
            .iter()
            .all(|word| key.text.contains(word.as_str()))
    }

    /// Which list items of a field brought it into the result, by their places in the field: those
    /// that hold a word which the field's own label, code and IDs do not, or, where these hold
    /// every word, the items that hold every word as well. Empty for an empty query.
    #[must_use]
    pub fn items_hit(&self, key: &SearchKey) -> Vec<usize> {
        if self.is_empty() {
            return Vec::new();
        }
        let own = key.part(0);
        let wanted: Vec<&str> = self
            .words
            .iter()
            .map(String::as_str)
            .filter(|word| !own.contains(word))
            .collect();
        let hit = |item: &str| {
            if wanted.is_empty() {
                self.words.iter().all(|word| item.contains(word.as_str()))
            } else {
                wanted.iter().any(|word| item.contains(word))
            }
        };
        (1..key.ends.len())
            .filter(|part| hit(key.part(*part)))
            .map(|part| part - 1)
            .collect()
    }

    /// The parts of a text that the query's words cover, as byte ranges of the text itself: in
    /// order, apart from each other, on boundaries of characters.
    #[must_use]
    pub fn highlight(&self, text: &str) -> Vec<Range<usize>> {
        if self.is_empty() {
            return Vec::new();
        }
        let (folded, origins) = fold_with_origins(text);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for word in &self.words {
            for (start, found) in folded.match_indices(word.as_str()) {
                let last = start + found.len() - 1;
                ranges.push(origins[start].start..origins[last].end);
            }
        }
        merge(ranges)
    }
}

/// The folded text and, for each of its bytes, the character that it came from.
fn fold_with_origins(text: &str) -> (String, Vec<Range<usize>>) {
    let mut folded = String::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len());
    for (start, c) in text.char_indices() {
        push_folded(&mut folded, c);
        origins.resize(folded.len(), start..start + c.len_utf8());
    }
    (folded, origins)
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

impl SearchKey {
    /// The key of a row that shows these texts.
    #[must_use]
    pub fn of(texts: &[&str]) -> Self {
        let mut made = Self::default();
        made.push_part(texts);
        made
    }

    /// By name and number.
    #[must_use]
    pub fn funnel(funnel: &Funnel) -> Self {
        Self::of(&[&funnel.name, &funnel.id.to_string()])
    }

    /// By name, identifier and number, and by the name of the funnel that holds the stage; an
    /// empty one where the viewer cannot see the funnel.
    #[must_use]
    pub fn stage(stage: &Stage, funnel_name: &str) -> Self {
        Self::of(&[
            &stage.name,
            &stage.status_id,
            &stage.entity_id,
            &stage.id.to_string(),
            funnel_name,
        ])
    }

    /// By label, code, number, outside identifier and type, and by its list items.
    #[must_use]
    pub fn field(field: &CustomField) -> Self {
        let mut made = Self::of(&[
            &field.label,
            &field.code,
            &field.id.to_string(),
            field.xml_id.as_deref().unwrap_or_default(),
            &field.type_code,
        ]);
        for ListItem {
            id, value, xml_id, ..
        } in &field.items
        {
            made.push_part(&[
                value,
                &id.to_string(),
                xml_id.as_deref().unwrap_or_default(),
            ]);
        }
        made
    }

    /// By name, position, departments and number.
    #[must_use]
    pub fn user(user: &PortalUser) -> Self {
        let id = user.id.to_string();
        let mut texts: Vec<&str> = vec![&user.name, &user.position, &id];
        texts.extend(user.departments.iter().map(String::as_str));
        Self::of(&texts)
    }

    fn push_part(&mut self, texts: &[&str]) {
        for text in texts {
            fold_into(&mut self.text, text);
            self.text.push('\n');
        }
        self.ends.push(self.text.len());
    }

    fn part(&self, index: usize) -> &str {
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .unwrap_or(&0);
        let end = self.ends.get(index).unwrap_or(start);
        &self.text[*start..*end]
    }
}
