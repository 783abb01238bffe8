//! One process, and what it says.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use crmap_crashbox::{Bug, Said};
use portal_sim::Cloud;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::forks::BIRTHS;
use super::{Base, Scene};

/// Nothing that a process is asked for takes this long, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    heard: Vec<Said>,
}

#[derive(Debug, Clone, Copy)]
pub enum Signal {
    Stop,
    Continue,
}

impl Worker {
    /// Starts the process `name`, which has a local journal of that name.
    pub async fn start(scene: &Scene, name: &str, bug: Option<Bug>, arguments: &[&str]) -> Self {
        Self::start_at(&scene.base, &scene.cloud, name, bug, arguments).await
    }

    /// The same over any database and any cloud.
    pub async fn start_at(
        base: &Base,
        cloud: &Cloud,
        name: &str,
        bug: Option<Bug>,
        arguments: &[&str],
    ) -> Self {
        Self::spawn((base, cloud), name, bug, arguments, Command::new(binary())).await
    }

    /// The same, but no file may grow: as on a disk that is full.
    pub async fn start_on_full_disk(
        scene: &Scene,
        name: &str,
        bug: Option<Bug>,
        arguments: &[&str],
    ) -> Self {
        let mut shell = Command::new("sh");
        shell.arg("-c");
        shell.arg("trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\" 2>/dev/null");
        shell.arg(binary());
        let place = (&scene.base, &scene.cloud);
        Self::spawn(place, name, bug, arguments, shell).await
    }

    async fn spawn(
        (base, cloud): (&Base, &Cloud),
        name: &str,
        bug: Option<Bug>,
        arguments: &[&str],
        mut command: Command,
    ) -> Self {
        let log = base.folder().join(format!("{name}.log"));
        let file = OpenOptions::new().create(true).append(true).open(&log);
        command
            .arg("--database-url")
            .arg(base.url())
            .arg("--keys")
            .arg(base.keys())
            .arg("--spill-dir")
            .arg(base.spill_dir(name))
            .args(["--oauth", cloud.oauth_url()])
            .args(["--client-id", "app.sim"])
            .args(["--client-secret", "simulated-client-secret"]);
        if let Some(authority) = cloud.ca_pem() {
            let file = base.folder().join("authority.pem");
            std::fs::write(&file, authority).unwrap();
            command.arg("--authority").arg(file);
        }
        if let Some(bug) = bug {
            command.args(["--bug", bug.name()]);
        }
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file.unwrap())
            .kill_on_drop(true);
        let births = BIRTHS.lock().await;
        let mut child = command.spawn().unwrap();
        drop(births);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            input: child.stdin.take(),
            child,
            lines,
            log,
            heard: Vec::new(),
        }
    }

    /// Waits until it says something of a kind.
    pub async fn until(&mut self, wanted: impl Fn(&Said) -> bool) -> Said {
        loop {
            let said = self.next().await;
            let said = said.unwrap_or_else(|| panic!("it ended too early: {}", self.says()));
            if wanted(&said) {
                return said;
            }
        }
    }

    async fn next(&mut self) -> Option<Said> {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("it says nothing: {}", self.says()));
        let said = serde_json::from_str::<Said>(&line.unwrap()?).unwrap();
        self.heard.push(said.clone());
        Some(said)
    }

    /// Writes a line to it.
    pub async fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
        input.flush().await.unwrap();
    }

    /// Lets it come to its end, and gives all that it said.
    pub async fn end(mut self) -> Vec<Said> {
        self.input = None;
        while self.next().await.is_some() {}
        let status = self.child.wait().await.unwrap();
        assert!(status.success(), "it failed: {}", self.says());
        self.heard
    }

    /// Ends it as nothing else does (SIGKILL), and gives all that it said.
    pub async fn kill(mut self) -> Vec<Said> {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
        while self.next().await.is_some() {}
        self.heard
    }

    pub async fn signal(&self, signal: Signal) {
        let name = match signal {
            Signal::Stop => "-STOP",
            Signal::Continue => "-CONT",
        };
        let pid = self.child.id().unwrap().to_string();
        let births = BIRTHS.lock().await;
        let sending = Command::new("kill").args([name, &pid]).spawn();
        drop(births);
        let status = sending.unwrap().wait().await;
        assert!(status.unwrap().success());
    }

    /// The end of its log, for people.
    fn says(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        format!("{:?}\n{}", self.heard, tail.join("\n"))
    }
}

const fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_crashbox")
}

/// How many tasks of all rounds found the portal well, found it otherwise, and failed.
pub fn counts(heard: &[Said]) -> (usize, usize, usize) {
    heard.iter().fold((0, 0, 0), |sum, said| match said {
        Said::Counts {
            ok,
            otherwise,
            failed,
        } => (sum.0 + ok, sum.1 + otherwise, sum.2 + failed),
        _ => sum,
    })
}
