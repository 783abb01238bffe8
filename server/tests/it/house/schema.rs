//! Schemas in the cluster of the tests: a database for each house.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the socket of the cluster of the tests.
pub fn socket() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/test-postgres");
    output(&mut Command::new(script))
}

pub fn name_of_schema(folder: &Path) -> String {
    let name = folder.file_name().unwrap().to_str().unwrap();
    name.to_lowercase().replace('-', "_")
}

pub(super) fn url_of_schema(folder: &Path) -> String {
    let (host, name) = (socket().replace('/', "%2F"), name_of_schema(folder));
    format!("postgres://postgres@{host}/postgres?options[search_path]={name}")
}

/// An empty schema in the cluster of the tests; its address.
pub fn new_schema(folder: &Path) -> String {
    let name = name_of_schema(folder);
    psql(&format!(
        "drop schema if exists {name} cascade; create schema {name}"
    ));
    url_of_schema(folder)
}

/// Does something to a schema that no program of ours would do.
pub fn tamper(folder: &Path, sql: &str) {
    ask_schema(folder, sql);
}

/// What a schema says to a question.
pub fn ask_schema(folder: &Path, sql: &str) -> String {
    let name = name_of_schema(folder);
    psql(&format!("set search_path to {name}; {sql}"))
}

/// Everything that is in a schema, as text, with bytes in hexadecimal digits.
pub fn dump_of_schema(folder: &Path) -> Vec<u8> {
    let (socket, name) = (socket(), name_of_schema(folder));
    let mut command = Command::new(program("pg_dump"));
    let output = command
        .args(["-h", &socket, "-U", "postgres", "-n", &name])
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

/// What the cluster says to a question, without heads of columns.
fn psql(sql: &str) -> String {
    let mut command = Command::new(program("psql"));
    output(command.args(["-h", &socket(), "-U", "postgres", "-qtA", "-c", sql]))
}

fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").unwrap().flatten();
    let mut programs = versions.map(|version| version.path().join("bin").join(name));
    let found = programs.find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is not there"))
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
