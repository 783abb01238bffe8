//! Which crate may use which: `scripts/arrows.mjs` finds nothing wrong, and would.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::operation::root;

/// All crates of ours with what they ask for, as Cargo tells it.
fn crates() -> Value {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    serde_json::from_slice(&told.stdout).unwrap()
}

/// What the script says of the crates, a line for each wrong arrow.
fn wrong(crates: &Value) -> String {
    let mut script = Command::new("node")
        .arg(root().join("scripts/arrows.mjs"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = script.stdin.take().unwrap();
    input.write_all(crates.to_string().as_bytes()).unwrap();
    drop(input);
    let done = script.wait_with_output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.success(), said.is_empty(), "{said}");
    said
}

/// The same crates, one of which asks for one thing more.
fn planted(crates: &Value, from: &str, to: &Value) -> Value {
    let mut crates = crates.clone();
    let packages = crates["packages"].as_array_mut().unwrap();
    let package = packages.iter_mut().find(|package| package["name"] == from);
    let asks = package.unwrap()["dependencies"].as_array_mut();
    asks.unwrap().push(to.clone());
    crates
}

fn arrow(to: &str) -> Value {
    json!({"name": to, "kind": null, "optional": false, "features": []})
}

#[test]
fn no_crate_uses_what_it_may_not() {
    assert_eq!(wrong(&crates()), "");
}

#[test]
fn a_wrong_arrow_between_crates_is_refused_by_its_name() {
    let crates = crates();
    let with = |from, to: Value| wrong(&planted(&crates, from, &to));
    for (from, to) in [
        ("crmap-domain", "crmap-store"),
        ("crmap-store", "crmap-crm"),
        ("crmap-service", "crmap-bitrix"),
        ("crmap-bitrix", "crmap-service"),
        ("crmap-load", "crmap-server"),
        ("portal-sim", "crmap-domain"),
        ("crmap-service", "sqlx"),
        ("crmap-export", "axum"),
        ("crmap-server", "reqwest"),
    ] {
        let said = with(from, arrow(to));
        assert!(
            said.contains(&format!("{from} → {to} is not allowed")),
            "{said}"
        );
    }
    let said = with("crmap-app", arrow("crmap-service"));
    assert!(said.contains("must be optional"), "{said}");
    let for_servers =
        json!({"name": "leptos", "kind": null, "optional": false, "features": ["ssr"]});
    let said = with("crmap-frontend", for_servers);
    assert!(said.contains("must not switch on `ssr`"), "{said}");
    // In tests one may use the simulated cloud, and still not whatever one likes.
    let in_tests = |to| json!({"name": to, "kind": "dev", "optional": false, "features": []});
    assert_eq!(with("crmap-server", in_tests("portal-sim")), "");
    assert!(with("crmap-domain", in_tests("crmap-store")).contains("is not allowed"));

    let mut more = crates.clone();
    let stranger = json!({"name": "crmap-more", "dependencies": []});
    more["packages"].as_array_mut().unwrap().push(stranger);
    assert!(wrong(&more).contains("crmap-more is new"));
}
