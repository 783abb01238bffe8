//! Keeps the record of requests in the database, in batches and behind the requests' backs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crmap_crm::{Journal, JournalEntry};
use crmap_store::{JournalRow, Store};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::figures;

/// How many entries wait at the most; a database that is away must not use up the memory.
const WAITING: usize = 4_096;
/// How many entries are written in one go.
const AT_ONCE: usize = 256;
/// How long entries are gathered.
const GATHERING: Duration = Duration::from_millis(500);

/// The journal in the database.
pub struct StoreJournal {
    entries: mpsc::Sender<JournalEntry>,
    dropped: AtomicU64,
}

impl StoreJournal {
    /// A journal that writes to `store`, and the task that does the writing: it ends, with all
    /// entries written, when the journal is dropped.
    #[must_use]
    pub fn start(store: Arc<Store>) -> (Self, JoinHandle<()>) {
        let (entries, waiting) = mpsc::channel(WAITING);
        let writer = tokio::spawn(write(store, waiting));
        let journal = Self {
            entries,
            dropped: AtomicU64::new(0),
        };
        (journal, writer)
    }
}

impl Journal for StoreJournal {
    fn record(&self, entry: JournalEntry) {
        if self.entries.try_send(entry).is_err() {
            figures::journal_lost();
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            if dropped.is_power_of_two() {
                tracing::error!(dropped, "requests are missing in the journal");
            }
        }
    }
}

async fn write(store: Arc<Store>, mut waiting: mpsc::Receiver<JournalEntry>) {
    let mut gathered = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut gathered, AT_ONCE).await > 0 {
        if gathered.len() < AT_ONCE {
            tokio::time::sleep(GATHERING).await;
            while gathered.len() < AT_ONCE
                && let Ok(entry) = waiting.try_recv()
            {
                gathered.push(entry);
            }
        }
        let rows: Vec<_> = gathered.drain(..).map(row).collect();
        if let Err(error) = store.write_journal(&rows).await {
            tracing::error!(%error, entries = rows.len(), "requests could not be written to the journal");
            rows.iter().for_each(|_| figures::journal_lost());
        }
    }
}

fn row(entry: JournalEntry) -> JournalRow {
    JournalRow {
        member_id: entry.member_id,
        user_id: entry.user_id,
        at: entry.at,
        method: entry.method,
        status: entry.status,
        duration: entry.duration,
        error: entry.error,
        request: entry.request,
        response: entry.response,
        response_bytes: entry.response_bytes,
    }
}
