//! The command line as an operator meets it, in processes of its own.

mod databases;
mod keys;
mod running;
mod settings;
mod verifying;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::site;
use crate::support::folder;

pub(crate) fn crmap(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crmap"));
    command
        .args(arguments)
        .env_clear()
        .env("CRMAP_BITRIX_CLIENT_ID", "app.sim")
        .env("CRMAP_LISTEN", "127.0.0.1:0")
        .env("CRMAP_SITE_DIR", folder.join("site"))
        .current_dir(folder);
    command
}

pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn migrate(folder: &Path, url: &str) -> Output {
    run(crmap(folder, &["migrate"]).env("CRMAP_DATABASE_URL", url))
}

/// A folder with a built site.
pub(crate) fn desk(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("operator-{name}"));
    site::build(&folder);
    folder
}

/// A server that runs until it is dropped.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server in the folder and waits until it is ready.
pub(crate) fn serving(folder: &Path, command: &mut Command) -> Running {
    let log = folder.join("log");
    let file = std::fs::File::create(&log).unwrap();
    let running = Running(command.stdout(Stdio::null()).stderr(file).spawn().unwrap());
    for _ in 0..400 {
        if std::fs::read_to_string(&log)
            .unwrap()
            .contains("crmap is ready")
        {
            return running;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("not ready: {}", std::fs::read_to_string(&log).unwrap());
}
