//! What changed in a portal since somebody last saw it from within. Of what was seen, digests are
//! kept and nothing else: who visits a portal that is linked nowhere leaves nothing of it behind.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::BuildHasher as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crmap_domain::item::ItemKind;
use crmap_domain::seen::News;
use crmap_domain::{CustomField, EntityKind, Lang, MemberId, Section, Specification};
use crmap_store::{Seen, Sighting, StoreError};
use foldhash::quality::RandomState;
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::recent::Recent;
use crate::{Outcome, Services, Session};

/// What somebody opens sooner than this after the last time belongs to the same visit.
const APART: Duration = Duration::from_secs(30 * 60);
/// What somebody saw this recently, and sees again, need not be noted once more: each write of SQLite
/// waits for the disk (REL-51).
const NOTED: time::Duration = time::Duration::minutes(5);
/// What is new is remembered for as long where it is not more than this many rows.
const FEW: usize = 20;
/// As many rows and items of lists are worked through where they are; more would keep others waiting.
const AT_ONCE: usize = 2_000;
/// For how long it is remembered what somebody saw.
pub(crate) const REMEMBERED: time::Duration = time::Duration::days(180);
/// What rows are told apart by, and what they hold.
const KEY: usize = 6;
const CONTENT: usize = 4;
/// The layout's number, the reader's rights, the language, and which kinds of rows there are.
const HEAD: usize = 5;
const LAYOUT: u8 = 1;

type Key = [u8; KEY];
type Content = [u8; CONTENT];

/// Somebody who looks at what was read, as far as it is known what they saw before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// They are here for the first time, or for the first time in half a year.
    First,
    /// They were here before, and this is new to them.
    Again(News),
}

/// # What is new to a visitor
impl Services {
    /// What is new to a session's user in what was just read, compared with what the user saw at
    /// the end of the visit before; that it was seen is noted. Nothing where nothing was read, where
    /// what was seen cannot be compared, and where the application is not installed.
    pub async fn news_for(&self, session: &Session, outcome: &Outcome) -> Option<Visit> {
        let Outcome::Read(read) = outcome else {
            return None;
        };
        let installs = session.installation()?;
        match self.try_news(session, installs, read).await {
            Ok(news) => news,
            Err(error) => {
                tracing::warn!(%error, portal.member_id = %session.opening.member_id,
                    "what somebody saw could not be noted");
                None
            }
        }
    }

    async fn try_news(
        &self,
        session: &Session,
        installs: u32,
        read: &Arc<Specification>,
    ) -> Result<Option<Visit>, StoreError> {
        let (member_id, user_id) = (&session.opening.member_id, session.opening.user_id);
        let (likeness, now) = (self.sights.likeness(read), self.clock.now());
        let told = |sight: &Sight| {
            let is_same = sight.installs == installs && sight.likeness == likeness;
            is_same.then(|| sight.told.clone())
        };
        let told = self.sights.lately.find(member_id, user_id, now, told);
        if let Some(Told::Visit(visit)) = told {
            return Ok(visit);
        }
        let seen = rows_seen(read).await?;
        if let Some(Told::TooMuch) = told {
            let before = self.store.seen_before(member_id, installs, user_id);
            return Ok(seen.since(before.await?));
        }
        let packed = seen.packed();
        let sighting = Sighting {
            member_id,
            installs,
            user_id,
            seen: &packed,
            now,
            apart: APART,
        };
        let visit = seen.since(self.store.note_sighting(&sighting).await?);
        let sight = Sight {
            installs,
            likeness,
            told: Told::of(visit.as_ref()),
        };
        self.sights
            .lately
            .note(member_id, user_id, sight, now, now + NOTED);
        Ok(visit)
    }
}

/// What people saw a moment ago.
pub(crate) struct Sights {
    lately: Recent<Sight>,
    key: RandomState,
}

/// What somebody saw of an installation, and was told of it. Within a visit the visit before stays the
/// same, so that whoever sees the same again is told the same.
struct Sight {
    installs: u32,
    likeness: u64,
    told: Told,
}

/// What somebody was told of a sighting.
#[derive(Clone)]
enum Told {
    Visit(Option<Visit>),
    /// More than is remembered.
    TooMuch,
}

impl Told {
    fn of(visit: Option<&Visit>) -> Self {
        match visit {
            Some(Visit::Again(news)) if news.rows.len() > FEW => Self::TooMuch,
            _ => Self::Visit(visit.cloned()),
        }
    }
}

impl Sights {
    pub(crate) fn new() -> Self {
        Self {
            lately: Recent::new(),
            key: RandomState::default(),
        }
    }

    /// Forgets what was seen of a portal.
    pub(crate) fn forget(&self, member_id: &MemberId) {
        self.lately.forget(member_id);
    }

    /// What readings that show the same to somebody have in common, in this process: rows in their
    /// order, the reader's rights, the language. It is far quicker than digests that can be kept.
    fn likeness(&self, read: &Specification) -> u64 {
        let viewer = (read.reading.viewer.administrator, read.reading.lang.code());
        self.key.hash_one((
            viewer,
            &read.funnels,
            &read.stages,
            &read.fields,
            &read.users,
        ))
    }
}

async fn rows_seen(read: &Arc<Specification>) -> Result<SeenRows, StoreError> {
    if rows_of(read) <= AT_ONCE {
        return Ok(SeenRows::of(read));
    }
    let read = Arc::clone(read);
    let seen = tokio::task::spawn_blocking(move || SeenRows::of(&read)).await;
    seen.map_err(|error| StoreError::Internal(error.into()))
}

/// How many rows a reading has, with the items of lists.
fn rows_of(read: &Specification) -> usize {
    let fields = EntityKind::ALL.map(|entity| {
        let fields = read.fields.of(entity).map_or(&[][..], Section::rows);
        let items = fields.iter().map(|field| field.items.len());
        fields.len() + items.sum::<usize>()
    });
    let others = read.funnels.rows().len() + read.stages.rows().len() + read.users.rows().len();
    others + fields.iter().sum::<usize>()
}

/// Digests of what is seen.
struct SeenRows {
    head: [u8; HEAD],
    rows: Vec<(ItemKind, usize, Key, Content)>,
}

impl SeenRows {
    /// Items of a list belong to their field. Where a row stands is no part of it.
    fn of(read: &Specification) -> Self {
        let mut seen = Self {
            head: [
                LAYOUT,
                u8::from(read.reading.viewer.administrator),
                number_of_lang(read.reading.lang),
                0,
                0,
            ],
            rows: Vec::new(),
        };
        seen.note(ItemKind::Funnel, Some(&read.funnels), |row| {
            (row.id, (&row.name, row.is_default))
        });
        seen.note(ItemKind::Stage, Some(&read.stages), |row| {
            let key = format!("{}\0{}", row.entity_id, row.status_id);
            let content = (&row.name, row.meaning, &row.color, row.system);
            (key, content)
        });
        for entity in EntityKind::ALL {
            let fields = read.fields.of(entity);
            seen.note(ItemKind::Field(entity), fields, |row| {
                (&row.code, content_of(row))
            });
        }
        seen.note(ItemKind::User, Some(&read.users), |row| {
            let content = (&row.name, &row.position, &row.departments, row.active);
            (row.id, content)
        });
        seen
    }

    /// Takes the rows of a section in, by the key and the content that `described` gives of each.
    fn note<'a, T, K: Display, C: Serialize>(
        &mut self,
        kind: ItemKind,
        section: Option<&'a Section<T>>,
        described: impl Fn(&'a T) -> (K, C),
    ) {
        let Some(Section::Rows(rows)) = section else {
            return;
        };
        self.mark_given(kind);
        self.rows.reserve(rows.len());
        let mut buffer = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let (key, content) = described(row);
            let (key, content) = (
                digest_of_key(&mut buffer, kind, &key),
                digest_of_content(&mut buffer, &content),
            );
            self.rows.push((kind, number, key, content));
        }
    }

    fn mark_given(&mut self, kind: ItemKind) {
        let number = number_of(kind);
        self.head[3 + number / 8] |= 1 << (number % 8);
    }

    /// As it is kept: the head, then key, kind and content of each row.
    fn packed(&self) -> Vec<u8> {
        let mut packed = self.head.to_vec();
        for (kind, _, key, content) in &self.rows {
            packed.extend_from_slice(key);
            packed.push(u8::try_from(number_of(*kind)).unwrap_or(u8::MAX));
            packed.extend_from_slice(content);
        }
        packed
    }

    /// What is told to somebody who saw that at the end of the visit before; nothing where the two
    /// cannot be compared.
    fn since(&self, before: Option<Seen>) -> Option<Visit> {
        match before {
            None => Some(Visit::First),
            Some(before) => self.news(&before.seen, before.at).map(Visit::Again),
        }
    }

    /// Nothing where it cannot be compared: with other rights or in another language, much would
    /// differ that nobody changed.
    fn news(&self, before: &[u8], since: OffsetDateTime) -> Option<News> {
        let (head, rows) = before.split_at_checked(HEAD)?;
        if head[..3] != self.head[..3] {
            return None;
        }
        let was_given = |number: usize| head[3 + number / 8] & (1 << (number % 8)) != 0;
        let is_given = |number: usize| self.head[3 + number / 8] & (1 << (number % 8)) != 0;
        let mut known: HashMap<&[u8], (u8, &[u8])> = HashMap::new();
        for row in rows.chunks_exact(KEY + 1 + CONTENT) {
            if is_given(usize::from(row[KEY]).min(15)) {
                known.insert(&row[..KEY], (row[KEY], &row[KEY + 1..]));
            }
        }
        // Of funnels, stages and people an employee may see fewer or more since, though none came or
        // went; custom fields are the same to everybody (bitrix24.md §4.1, §4.3).
        let narrow = [ItemKind::Funnel, ItemKind::Stage, ItemKind::User].map(number_of);
        let sees_all = |number: usize| self.head[1] != 0 || !narrow.contains(&number);
        let mut news = News {
            since,
            added: 0,
            changed: 0,
            removed: 0,
            rows: Vec::new(),
        };
        for (kind, number, key, content) in &self.rows {
            if !was_given(number_of(*kind)) {
                continue;
            }
            let is_new = match known.remove(key.as_slice()) {
                None if !sees_all(number_of(*kind)) => continue,
                None => true,
                Some((_, was)) if was != content.as_slice() => false,
                Some(_) => continue,
            };
            if is_new {
                news.added += 1;
            } else {
                news.changed += 1;
            }
            news.rows.push((*kind, *number, is_new));
        }
        let removed = known
            .values()
            .filter(|(kind, _)| sees_all(usize::from(*kind)));
        news.removed = u32::try_from(removed.count()).unwrap_or(u32::MAX);
        Some(news)
    }
}

fn content_of(field: &CustomField) -> impl Serialize + use<'_> {
    let items: Vec<_> = field
        .items
        .iter()
        .map(|item| (item.id, &item.value, item.is_default, &item.xml_id))
        .collect();
    (
        &field.label,
        &field.type_code,
        &field.refers_to,
        field.required,
        field.multiple,
        &field.xml_id,
        items,
    )
}

/// The number by which a kind is kept: what an earlier release kept is read by it too, so that it
/// never changes. There is room for those below 16.
const fn number_of(kind: ItemKind) -> usize {
    use EntityKind::{Company, Contact, Deal, Lead};
    match kind {
        ItemKind::Funnel => 0,
        ItemKind::Stage => 1,
        ItemKind::Field(Deal) => 2,
        ItemKind::Item(Deal) => 3,
        ItemKind::Field(Contact) => 4,
        ItemKind::Item(Contact) => 5,
        ItemKind::Field(Company) => 6,
        ItemKind::Item(Company) => 7,
        ItemKind::Field(Lead) => 8,
        ItemKind::Item(Lead) => 9,
        ItemKind::User => 10,
    }
}

/// The number by which a language is kept, which never changes either.
const fn number_of_lang(lang: Lang) -> u8 {
    match lang {
        Lang::Ru => 0,
        Lang::En => 1,
    }
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
fn digest_of_key(buffer: &mut Vec<u8>, kind: ItemKind, key: &impl Display) -> Key {
    buffer.clear();
    write!(buffer, "{}\0{key}", kind.code()).expect("a key");
    digest(buffer)
}

#[expect(
    clippy::expect_used,
    reason = "tuples of texts, numbers and lists always become JSON"
)]
fn digest_of_content(buffer: &mut Vec<u8>, content: &impl Serialize) -> Content {
    buffer.clear();
    serde_json::to_writer(&mut *buffer, content).expect("a content");
    digest(buffer)
}

fn digest<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let whole: [u8; 32] = Sha256::digest(bytes).into();
    std::array::from_fn(|place| whole[place])
}
