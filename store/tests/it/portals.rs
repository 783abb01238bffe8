//! Portals come, move, are installed and looked after.

use crmap_domain::PortalState;
use crmap_store::{InstallFacts, Leaving, Was};
use secrecy::ExposeSecret;

use crate::support::*;

on_both! {
    async fn a_portal_is_new_once_and_known_afterwards(base) {
        let store = base.open().await;
        let first = store.remember_opening(&seen(1, "a.bitrix24.ru", 0)).await.unwrap();
        assert_eq!(first.was, Was::New);
        assert_eq!(first.portal.state, PortalState::Ok);
        assert_eq!(first.portal.base.as_deref(), Some("https://a.bitrix24.ru/rest/"));
        assert_eq!(first.portal.first_seen_at, at(0));
        let second = store.remember_opening(&seen(1, "a.bitrix24.ru", 9)).await.unwrap();
        assert_eq!(second.was, Was::Known);
        assert_eq!(second.portal.first_seen_at, at(0));
        assert_eq!(second.portal.last_contact_at, at(9));
        assert_eq!(store.portal(&member(1)).await.unwrap(), Some(second.portal));
        assert_eq!(store.portal(&member(2)).await.unwrap(), None);
        assert_eq!(store.portals_count().await.unwrap(), 1);
    }

    async fn sec_08_an_address_belongs_to_the_portal_that_proved_it_last(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let taken = store.remember_opening(&seen(2, "p1.bitrix24.ru", 5)).await.unwrap();
        assert_eq!(taken.was, Was::New);
        assert_eq!(taken.displaced, Some(member(1)));
        let old = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((old.state, old.state_since), (PortalState::Moved, at(5)));
        assert_eq!(old.base, None);

        let back = store.remember_opening(&seen(1, "new.bitrix24.ru", 8)).await.unwrap();
        assert_eq!(back.was, Was::Moved { from: "p1.bitrix24.ru".to_owned() });
        assert_eq!(back.displaced, None);
        assert_eq!(back.portal.state, PortalState::Ok);
        let other = store.portal(&member(2)).await.unwrap().unwrap();
        assert_eq!(other.base.as_deref(), Some("https://p1.bitrix24.ru/rest/"));
    }

    async fn an_installation_counts_and_its_token_is_kept(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        assert!(store.begin_install(&member(1), at(1)).await.unwrap());
        let facts = InstallFacts {
            version: Some(3),
            plan: Some("ru_basic".to_owned()),
            scopes: vec!["crm".to_owned(), "user_brief".to_owned()],
            now: at(2),
        };
        assert!(store.finish_install(&member(1), &facts).await.unwrap());
        let token = secret("application-token");
        assert!(store.keep_application_token(&member(1), &token, at(2)).await.unwrap());
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((portal.installs, portal.installed_at), (1, Some(at(2))));
        assert_eq!(portal.scopes, ["crm", "user_brief"]);
        let stored = store.application_token(&member(1)).await.unwrap().unwrap();
        assert_eq!(stored.expose_secret(), "application-token");
        assert!(!store.begin_install(&member(9), at(1)).await.unwrap());
    }

    async fn an_installation_that_nobody_finishes_is_looked_at(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let next_probe = async || store.portal(&member(1)).await.unwrap().unwrap().next_probe_at;
        assert_eq!(next_probe().await, None);
        assert!(store.begin_install(&member(1), at(1)).await.unwrap());
        assert_eq!(next_probe().await, Some(at(1 + 86_400)));
        // What is planned already stays.
        assert!(store.begin_install(&member(1), at(9)).await.unwrap());
        assert_eq!(next_probe().await, Some(at(1 + 86_400)));
    }

    async fn what_a_portal_says_of_itself_is_noted_between_installations(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let facts = InstallFacts {
            version: Some(3),
            plan: Some("ru_basic\0".to_owned()),
            scopes: vec!["crm".to_owned()],
            now: at(2),
        };
        assert!(store.finish_install(&member(1), &facts).await.unwrap());
        let later = InstallFacts {
            version: None,
            plan: Some("ru_pro\0".to_owned()),
            scopes: vec!["crm".to_owned(), "user_brief\0".to_owned()],
            now: at(8),
        };
        assert!(store.note_facts(&member(1), &later).await.unwrap());
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((portal.version, portal.plan.as_deref()), (Some(3), Some("ru_pro\u{fffd}")));
        assert_eq!(portal.scopes, ["crm", "user_brief\u{fffd}"]);
        assert_eq!((portal.installs, portal.installed_at), (1, Some(at(2))));
        assert_eq!(portal.last_contact_at, at(8));
        let unsaid = InstallFacts { version: Some(4), plan: None, ..later };
        assert!(store.note_facts(&member(1), &unsaid).await.unwrap());
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!((portal.version, portal.plan.as_deref()), (Some(4), Some("ru_pro\u{fffd}")));

        let leaving = Leaving { clean: false, lost: false, installs: None, at: at(9), now: at(9) };
        store.uninstall(&member(1), &leaving).await.unwrap();
        for number in [1, 7] {
            assert!(!store.note_facts(&member(number), &unsaid).await.unwrap());
        }
    }

    async fn a_portal_that_returns_finds_its_settings(base) {
        let store = base.open().await;
        opened(&store, 1).await;
        let leaving = Leaving { clean: false, lost: false, installs: None, at: at(3), now: at(4) };
        let left = store.uninstall(&member(1), &leaving).await.unwrap();
        assert!(left.was_installed);
        assert_eq!(left.chains, 1);
        let portal = store.portal(&member(1)).await.unwrap().unwrap();
        assert_eq!(portal.state, PortalState::Uninstalled);
        assert_eq!(portal.uninstalled_at, Some(at(3)));
        let back = store.remember_opening(&seen(1, "p1.bitrix24.ru", 9)).await.unwrap();
        assert_eq!(back.was, Was::Returned);
        assert_eq!((back.portal.state, back.portal.uninstalled_at), (PortalState::Ok, None));
        assert_eq!(back.portal.first_seen_at, at(0));
        assert!(store.chains(&member(1)).await.unwrap().is_empty());
    }
}
