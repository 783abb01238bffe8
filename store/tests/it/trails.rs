//! SEC-71: the audit log cannot be changed behind CRMAP's back without being found.

use std::sync::Arc;

use crmap_domain::cabinet::{DeedKind, Level};
use crmap_store::{AuditRow, Finding, Leaving, Linking, Store, Tenant};
use sqlx::{AnyPool, AssertSqlSafe};
use tokio::task::JoinSet;

use crate::support::*;

const PORTAL: u32 = 1;

fn act(number: Option<u32>, seconds: i64) -> AuditRow {
    AuditRow {
        at: at(seconds),
        member_id: number.map(member),
        actor: "portal_user:1".to_owned(),
        action: "portal.installed".to_owned(),
        detail: serde_json::json!({"version": seconds}),
    }
}

/// An account, a portal and the operator with some deeds each; all of it is well.
async fn written(store: &Store) -> Tenant {
    let tenant = entered(store, 1).await;
    opened(store, PORTAL).await;
    for second in 1..=5 {
        store
            .note_deed(&tenant, &DeedKind::Renamed, at(second))
            .await
            .unwrap();
        store.audit(&act(Some(PORTAL), second)).await.unwrap();
        store.audit(&act(None, second)).await.unwrap();
    }
    assert_eq!(store.verify().await.unwrap(), []);
    tenant
}

async fn run(pool: &AnyPool, sql: &str) -> u64 {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await;
    done.unwrap().rows_affected()
}

/// What is found after `sql`, which changes something, and nothing any more once it is undone.
async fn found_after(store: &Store, pool: &AnyPool, sql: &str) -> Vec<Finding> {
    const TABLES: [&str; 3] = ["audit", "audit_trail", "audit_gap"];
    for table in TABLES {
        run(
            pool,
            &format!("create table kept_{table} as select * from {table}"),
        )
        .await;
    }
    assert!(run(pool, sql).await > 0, "nothing was changed: {sql}");
    let findings = store.verify().await.unwrap();
    for table in TABLES {
        run(pool, &format!("delete from {table}")).await;
        run(
            pool,
            &format!("insert into {table} select * from kept_{table}"),
        )
        .await;
        run(pool, &format!("drop table kept_{table}")).await;
    }
    assert_eq!(store.verify().await.unwrap(), [], "{sql}");
    findings
}

/// The places of the third deeds of all trails.
const THIRD: &str = "place = 3";

async fn linked(store: &Store, number: u32, account: u8) -> Linking {
    let cabinet = store
        .cabinet_of_token(&token(account))
        .await
        .unwrap()
        .unwrap();
    store
        .link(&cabinet.id, &grant(number, Level::Read, 9), None)
        .await
        .unwrap()
}

fn clean() -> Leaving {
    Leaving {
        clean: true,
        lost: false,
        installs: None,
        at: at(20),
        now: at(20),
    }
}

on_both! {
    async fn sec_71_a_changed_deed_is_found(base) {
        let store = base.open().await;
        written(&store).await;
        let pool = base.raw().await;
        for change in [
            "at = at + 1",
            "actor = 'portal_user:2'",
            "action = 'account.logged_out'",
            "detail = detail || ' '",
            "id = id || 'x'",
            "place = 9",
            "trail = 'operator'",
            "mac = (select other.mac from audit other where other.trail = audit.trail and place = 2)",
        ] {
            for trail in ["account:%", "portal:%", "operator"] {
                if change.contains(trail) {
                    continue;
                }
                let sql = format!("update audit set {change} where trail like '{trail}' and {THIRD}");
                let findings = found_after(&store, &pool, &sql).await;
                assert!(!findings.is_empty(), "{sql}");
                assert!(findings.iter().all(|one| one.table.starts_with("audit")), "{findings:?}");
            }
        }
        // Taken from one owner and given to nobody.
        let sql = format!("update audit set account_id = null where account_id is not null and {THIRD}");
        assert!(!found_after(&store, &pool, &sql).await.is_empty());
        pool.close().await;
    }

    async fn sec_71_removed_deeds_are_found_wherever_they_stood(base) {
        let store = base.open().await;
        written(&store).await;
        let pool = base.raw().await;
        for sql in [
            "delete from audit where place = 1",
            "delete from audit where place = 3",
            "delete from audit where place = (select max(place) from audit other where other.trail = audit.trail)",
            "delete from audit",
            "delete from audit_trail",
            "delete from audit_trail where trail = 'operator'",
            "update audit_trail set first_place = 2",
            "update audit_trail set last_place = last_place - 1",
        ] {
            assert!(!found_after(&store, &pool, sql).await.is_empty(), "{sql}");
        }
        pool.close().await;
    }

    async fn sec_71_a_removed_end_is_found_even_where_an_older_end_is_put_back(base) {
        let store = base.open().await;
        let tenant = written(&store).await;
        let pool = base.raw().await;
        run(&pool, "create table older as select * from audit_trail").await;
        store.note_deed(&tenant, &DeedKind::TokenRenewed, at(8)).await.unwrap();
        run(&pool, "delete from audit_trail").await;
        run(&pool, "insert into audit_trail select * from older").await;
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].what, "has deeds after its end");
        pool.close().await;
    }

    async fn sec_71_inserted_deeds_are_found(base) {
        let store = base.open().await;
        written(&store).await;
        let pool = base.raw().await;
        let columns = "at, member_id, account_id, actor, action, detail";
        for (place, mac) in [
            ("null", "null"),
            ("3", "mac"),
            ("place + 3", "mac"),
            ("place + 100", "mac"),
        ] {
            let sql = format!(
                "insert into audit (id, {columns}, trail, place, mac) \
                 select 'forged' || id, {columns}, trail, {place}, {mac} from audit where {THIRD}"
            );
            let findings = found_after(&store, &pool, &sql).await;
            assert!(!findings.is_empty(), "{sql}");
        }
        pool.close().await;
    }

    async fn sec_71_what_was_tampered_with_stays_known_when_more_is_done(base) {
        let store = base.open().await;
        let tenant = written(&store).await;
        let pool = base.raw().await;
        run(&pool, "delete from audit where account_id is not null and place = \
            (select max(place) from audit where account_id is not null)").await;
        run(&pool, "update audit_trail set last_place = last_place - 1, last_mac = \
            (select mac from audit where audit.trail = audit_trail.trail \
             and audit.place = audit_trail.last_place - 1) where trail like 'account:%'").await;
        pool.close().await;
        assert!(!store.verify().await.unwrap().is_empty());
        for second in 30..33 {
            store.note_deed(&tenant, &DeedKind::Renamed, at(second)).await.unwrap();
        }
        assert_eq!(store.deeds(&tenant, 1).await.unwrap()[0].at, at(32), "people go on");
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].what, "its ends were tampered with");
    }

    async fn sec_71_sec_19_what_crmap_erases_itself_leaves_the_rest_whole(base) {
        let store = base.open().await;
        let tenant = written(&store).await;
        installed(&store, 2).await;
        assert_eq!(linked(&store, 2, 1).await, Linking::Made);
        assert!(store.unlink(&tenant, &member(2), None, at(10)).await.unwrap());
        assert_eq!(linked(&store, 2, 1).await, Linking::Made);
        store.note_deed(&tenant, &DeedKind::Renamed, at(11)).await.unwrap();
        store.uninstall(&member(2), &clean()).await.unwrap();
        store.uninstall(&member(PORTAL), &clean()).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
        assert_eq!(base.count("audit where member_id is not null").await, 0);
        assert_eq!(base.count("audit_trail where trail like 'portal:%'").await, 0);
        assert_eq!(base.count("audit_gap").await, 3, "two links and an unlinking");

        let pool = base.raw().await;
        for sql in [
            "delete from audit_gap where place = (select min(place) from audit_gap)",
            "update audit_gap set place = place + 100",
            "update audit_gap set gone_mac = mac",
            // Somebody erases in the same manner.
            "insert into audit_gap (trail, place, gone_mac, mac) \
             select trail, place, mac, mac from audit where account_id is not null and place = 2",
        ] {
            assert!(!found_after(&store, &pool, sql).await.is_empty(), "{sql}");
        }
        run(&pool, "insert into audit_gap (trail, place, gone_mac, mac) \
            select trail, place, mac, mac from audit where account_id is not null and place = 2").await;
        run(&pool, "delete from audit where account_id is not null and place = 2").await;
        assert!(!store.verify().await.unwrap().is_empty());
        pool.close().await;
    }

    async fn sec_71_old_deeds_go_and_what_stays_is_still_guarded(base) {
        let store = base.open().await;
        let tenant = written(&store).await;
        base.execute(&format!(
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < 1005) \
             insert into audit (id, at, account_id, actor, action, detail) \
             select 'd' || n, {} + n, '{}', 'account', 'account.logged_out', '\"logged_out\"' from n",
            at(6).unix_timestamp() * 1000,
            tenant.id()
        ))
        .await;
        assert_eq!(store.verify().await.unwrap().len(), 1005, "nobody wrote these");
        store.accept_deeds(1005, at(7)).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
        store.purge_accounts(at(9), IDLE).await.unwrap();
        assert_eq!(store.deeds(&tenant, 9_999).await.unwrap().len(), 1_000);
        assert_eq!(store.verify().await.unwrap(), []);
        store.note_deed(&tenant, &DeedKind::Renamed, at(10)).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
        let pool = base.raw().await;
        for sql in [
            "delete from audit where id = 'd500'",
            "update audit set at = at + 1 where id = 'd6'",
            "delete from audit where account_id is not null and place = \
             (select first_place from audit_trail where trail like 'account:%')",
        ] {
            assert!(!found_after(&store, &pool, sql).await.is_empty(), "{sql}");
        }
        pool.close().await;
    }

    async fn sec_71_sec_32_trails_outlive_the_keys(base) {
        let store = base.open().await;
        written(&store).await;
        store.close().await;
        let newer = base.keys().with_new_key([8; 32]);
        let store = base.open_with(&newer).await.unwrap();
        while store.rotate(100).await.unwrap().left > 0 {}
        store.close().await;
        let text = newer.to_text();
        let alone = text.lines().next().unwrap();
        let store = base.open_with(&crmap_store::KeyRing::parse(alone).unwrap()).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
        store.audit(&act(Some(PORTAL), 12)).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
        base.execute("update audit set at = at + 1 where place = 2").await;
        assert!(!store.verify().await.unwrap().is_empty());
    }

    async fn rel_27_deeds_of_the_release_before_come_into_trails_once(base) {
        let store = base.open().await;
        let tenant = written(&store).await;
        store.close().await;
        base.execute("delete from index_key where name = 'audit'").await;
        base.execute("delete from audit_trail").await;
        base.execute("update audit set trail = null, place = null, mac = null").await;
        let store = base.open().await;
        assert_eq!(store.verify().await.unwrap(), []);
        // What an older release writes next to this one shows, until an operator takes it in.
        base.execute(&format!(
            "insert into audit (id, at, account_id, actor, action, detail) \
             values ('older', 5, '{}', 'account', 'account.logged_out', '\"logged_out\"')",
            tenant.id()
        ))
        .await;
        store.close().await;
        let store = base.open().await;
        let findings = store.verify().await.unwrap();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].row, "older");
        store.accept_deeds(1, at(13)).await.unwrap();
        assert_eq!(store.verify().await.unwrap(), []);
        assert_eq!(base.count("audit where action = 'audit.accepted'").await, 1);
        // A key that is lost takes nothing in.
        store.close().await;
        base.execute("delete from index_key where name = 'audit'").await;
        let store = base.open().await;
        assert!(!store.verify().await.unwrap().is_empty());
        store.note_deed(&tenant, &DeedKind::Renamed, at(14)).await.unwrap();
        assert!(!store.verify().await.unwrap().is_empty());
    }

    async fn sec_71_many_who_write_at_once_leave_whole_trails(base) {
        let store = Arc::new(base.open().await);
        let tenants = [entered(&store, 1).await, entered(&store, 2).await];
        for number in 1..=4 {
            installed(&store, number).await;
        }
        let mut work = JoinSet::new();
        for turn in 0..6_u8 {
            for number in 1..=4 {
                let (store, account) = (Arc::clone(&store), 1 + turn % 2);
                let tenant = tenants[usize::from(turn % 2)].clone();
                work.spawn(async move {
                    linked(&store, number, account).await;
                    let login = login(&store, account).await;
                    let session = browser(100 + turn * 8 + number as u8, 1);
                    store.start_session(&login, &session, None, None).await.unwrap();
                    store.audit(&act(Some(number), 3)).await.unwrap();
                    store.audit(&act(None, 3)).await.unwrap();
                    if turn == 5 {
                        store.uninstall(&member(number), &clean()).await.unwrap();
                    } else if turn == 4 {
                        store.unlink(&tenant, &member(number), None, at(10)).await.unwrap();
                    }
                });
            }
        }
        work.join_all().await;
        assert_eq!(store.verify().await.unwrap(), []);
    }
}
