//! The way to PostgreSQL that can be shut: a socket in a folder of its own, with everything passed on
//! to the real one as long as it is open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The name that PostgreSQL gives its socket.
const NAME: &str = ".s.PGSQL.5432";

pub struct Door {
    open: Arc<watch::Sender<bool>>,
    serving: AbortHandle,
}

impl Door {
    /// An open door in `folder`, to the server whose socket is in `server`.
    pub fn new(folder: &Path, server: &Path) -> Self {
        let listener = UnixListener::bind(folder.join(NAME)).unwrap();
        let open = Arc::new(watch::Sender::new(true));
        let (server, opened) = (server.join(NAME), Arc::clone(&open));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _address)) = listener.accept().await {
                tokio::spawn(pass(stream, server.clone(), opened.subscribe()));
            }
        });
        Self {
            open,
            serving: serving.abort_handle(),
        }
    }

    /// Breaks every connection and lets nobody in.
    pub fn shut(&self) {
        self.open.send_replace(false);
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
        self.open.send_replace(false);
    }
}

/// Until one of both sides ends it, or the door is shut.
async fn pass(mut stream: UnixStream, server: PathBuf, mut open: watch::Receiver<bool>) {
    if !*open.borrow() {
        return;
    }
    let Ok(mut server) = UnixStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut stream, &mut server) => {}
        _ = open.wait_for(|open| !*open) => {}
    }
}
