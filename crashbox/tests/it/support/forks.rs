//! Children inherit the locks on files until they become another program. So nothing that is locked
//! is given up while a child is being born: the lock would outlive it by a moment, and the next
//! process would find it taken.

use crmap_store::Store;
use tokio::sync::Mutex;

/// Held while a child is born, and while locks are given up.
pub static BIRTHS: Mutex<()> = Mutex::const_new(());

/// Gives the database up, with the locks on its file and its journal.
pub async fn close(store: Store) {
    let _no_births = BIRTHS.lock().await;
    store.close().await;
}
