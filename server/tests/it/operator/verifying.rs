//! `crmap verify` says what must not be.

use super::{crmap, desk, migrate, run, text};
use crate::house::{new_schema, tamper};

#[test]
fn rel_28_verify_says_what_must_not_be_and_nothing_where_all_is_well() {
    let folder = desk("verify");
    let key = text(&run(&mut crmap(&folder, &["keys", "new"])).stdout);
    let url = new_schema(&folder);
    let verify = || {
        let mut command = crmap(&folder, &["verify"]);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", key.trim());
        run(&mut command)
    };
    assert!(migrate(&folder, &url).status.success());
    let well = verify();
    assert!(well.status.success(), "{}", text(&well.stderr));
    assert_eq!(text(&well.stdout), "nothing is wrong\n");

    tamper(
        &folder,
        "insert into audit (id, at, actor, action, detail, account_id) \
         values ('orphan', 0, 'nobody', 'nothing', '{}', 'gone')",
    );
    let wrong = verify();
    assert_eq!(wrong.status.code(), Some(1));
    let told = text(&wrong.stdout);
    assert!(
        told.contains("audit") && told.contains("belongs to no account"),
        "{told}"
    );
    assert!(text(&wrong.stderr).contains("1 of these must not be"));
}

#[test]
fn sec_71_verify_fails_on_a_changed_deed_until_an_operator_takes_it_for_granted() {
    let folder = desk("trail");
    let key = text(&run(&mut crmap(&folder, &["keys", "new"])).stdout);
    let url = new_schema(&folder);
    let verify = |arguments: &[&str]| {
        let mut command = crmap(&folder, arguments);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", key.trim());
        run(&mut command)
    };
    assert!(migrate(&folder, &url).status.success());
    assert!(verify(&["verify"]).status.success());
    tamper(
        &folder,
        "insert into audit (id, at, actor, action, detail) \
         values ('forged', 0, 'account', 'account.logged_in', '{}')",
    );
    let wrong = verify(&["verify"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).starts_with("audit forged: is in no trail"));
    let accepted = verify(&["verify", "--accept-audit"]);
    assert_eq!(
        accepted.status.code(),
        Some(1),
        "what was found is still said"
    );
    let well = verify(&["verify"]);
    assert!(well.status.success(), "{}", text(&well.stdout));
}
