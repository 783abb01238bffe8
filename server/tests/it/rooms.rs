//! The map of the house (docs/ARCHITECTURE.md) and other documents name rooms that are there.

use std::path::{Path, PathBuf};

use crate::operation::{read, root};

/// The folders of our crates, by which modules are named.
const CRATES: [&str; 8] = [
    "app", "bitrix", "crm", "domain", "export", "server", "service", "store",
];

/// Documents that name rooms.
const DOCUMENTS: [&str; 4] = [
    "docs/ARCHITECTURE.md",
    "docs/DEVELOPMENT.md",
    "docs/SECURITY.md",
    "CONTRIBUTING.md",
];

/// What building makes, which may not be there yet.
const MADE: [&str; 3] = ["dist/", "end2end/test-results/", "target/"];

/// What a text has between backticks, in prose.
fn named_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether a path of the repository is there; one that ends with «…» names a folder.
fn is_path(name: &str) -> bool {
    let name = name.trim_end_matches('…');
    root().join(name).exists()
}

/// The file of a module below a folder or beside it.
fn file_of(folder: &Path, module: &str) -> Option<PathBuf> {
    let inside = folder.join(module).join("mod.rs");
    let beside = folder.join(format!("{module}.rs"));
    [beside, inside].into_iter().find(|file| file.exists())
}

/// Whether a name like `store::credential::refresh` leads to a module, and its last part to something
/// in it.
fn is_module(name: &str) -> bool {
    let mut parts = name.split("::");
    let mut folder = root().join(parts.next().unwrap_or_default()).join("src");
    let mut file = folder.join("lib.rs");
    for part in parts {
        match file_of(&folder, part) {
            Some(found) => file = found,
            None => return std::fs::read_to_string(&file).unwrap().contains(part),
        }
        folder.push(part);
    }
    true
}

/// Whether what stands between backticks is a path or a module that is not there.
fn is_lost(name: &str) -> bool {
    let Some(first) = name.split(['/', ':']).next() else {
        return false;
    };
    let of_ours = CRATES.contains(&first) || root().join(first).is_dir();
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "_-./:…".contains(sign);
    let is_made = MADE.iter().any(|made| name.starts_with(made));
    if first.is_empty() || !of_ours || is_made || !name.chars().all(plain) {
        return false;
    }
    if name.contains("::") {
        !is_module(name)
    } else {
        name.contains('/') && !is_path(name) && !is_pattern(name)
    }
}

/// Whether a path has a part to be filled in: `app/locales/CODE.json`.
fn is_pattern(path: &str) -> bool {
    let is_blank =
        |stem: &str| stem.len() > 1 && stem.chars().all(|sign| sign.is_ascii_uppercase());
    path.split('/')
        .filter_map(|part| part.split('.').next())
        .any(is_blank)
}

#[test]
fn documents_name_rooms_that_are_there() {
    for document in DOCUMENTS {
        let text = read(document);
        let lost: Vec<_> = named_in(&text).filter(|name| is_lost(name)).collect();
        assert_eq!(lost, Vec::<&str>::new(), "{document}");
    }
    let map = read(DOCUMENTS[0]);
    let rooms = named_in(&map).filter(|name| name.contains(['/', ':']));
    assert!(rooms.count() > 100);
    for invented in [
        "app/src/attic",
        "service::attic",
        "store/src/attic.rs",
        "bitrix::read::attic",
    ] {
        assert!(is_lost(invented), "{invented}");
    }
}
