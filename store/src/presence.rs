//! Whoever works with a PostgreSQL database says so there for as long as it does, so that nothing is
//! done meanwhile that needs the database for itself. An SQLite file has a lock beside it.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::StoreError;
use crate::connect::{Address, connect_to};
use crate::dialect::Dialect;

/// How often the connection is looked at that says it.
const LOOK: Duration = Duration::from_secs(2);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// By schema, since several installations may have one database.
const KEY: &str = "hashtext('crmap'), hashtext(cast(coalesce(current_schema(), '') as text))";

/// That this process works with the database; others may do so too.
#[derive(Debug)]
pub(crate) struct Presence {
    stop: oneshot::Sender<()>,
    kept: JoinHandle<()>,
}

impl Presence {
    /// Says it from now on by a connection of its own, and again where that is lost. Nothing is said
    /// of an SQLite file.
    ///
    /// # Errors
    /// [`StoreError::Settings`] while somebody has the database for itself, and others where it is
    /// not to be had.
    pub(crate) async fn take(address: &Arc<Address>) -> Result<Option<Self>, StoreError> {
        if address.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        let Some(connection) = shared(address).await? else {
            return Err(StoreError::Settings(
                "a backup is being brought back into the database: start again when that is done"
                    .to_owned(),
            ));
        };
        let (stop, stopped) = oneshot::channel();
        let kept = tokio::spawn(keep(Arc::clone(address), connection, stopped));
        Ok(Some(Self { stop, kept }))
    }

    /// Nobody works with it any more. Dropped, the same is said a moment later.
    pub(crate) async fn end(self) {
        drop(self.stop);
        if let Err(panicked) = self.kept.await {
            tracing::error!(%panicked, "what said that the database is in use ended by a panic");
        }
    }
}

async fn keep(address: Arc<Address>, connection: AnyConnection, stopped: oneshot::Receiver<()>) {
    let mut held = Some(connection);
    tokio::select! {
        _ = stopped => {}
        () = renew(&address, &mut held) => {}
    }
    if let Some(connection) = held {
        // It is given back in any case when the process ends.
        let _ = timeout(PATIENCE, connection.close()).await;
    }
}

async fn renew(address: &Address, held: &mut Option<AnyConnection>) {
    loop {
        sleep(LOOK).await;
        if let Some(connection) = held {
            if matches!(timeout(PATIENCE, connection.ping()).await, Ok(Ok(()))) {
                continue;
            }
            *held = None;
        }
        match shared(address).await {
            Ok(Some(connection)) => *held = Some(connection),
            Ok(None) => tracing::error!(
                "a backup is being brought back into the database that this process works with: \
                 stop it"
            ),
            Err(error) => tracing::debug!(%error, "nobody can be told that the database is in use"),
        }
    }
}

async fn shared(address: &Address) -> Result<Option<AnyConnection>, StoreError> {
    let mut connection = connect_to(address).await?;
    let is_free = asked(&mut connection, "pg_try_advisory_lock_shared").await?;
    Ok(is_free.then_some(connection))
}

/// Has the database for itself until the connection ends. Says whether nobody works with it.
///
/// # Errors
/// A [`StoreError`].
pub(crate) async fn take_alone(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    asked(connection, "pg_try_advisory_lock").await
}

async fn asked(connection: &mut AnyConnection, lock: &'static str) -> Result<bool, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select {lock}({KEY})"));
    let asking = sqlx::query_scalar(sql).fetch_one(connection);
    Ok(timeout(PATIENCE, asking)
        .await
        .map_err(|late| StoreError::Unavailable(late.into()))??)
}
