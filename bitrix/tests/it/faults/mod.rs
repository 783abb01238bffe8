//! The matrix of faults (security.md §5): one test per row, for what of it lies in the connector.
//! What the rows ask of the product above it is proved there.

mod accounts;
mod answers;
mod network;

use crmap_bitrix::Settings;
use crmap_crm::CrmError;
use crmap_domain::{MemberId, Trouble};
use portal_sim::{Cloud, Effect, Fault, Options, Portal, Seed, UserRole};
use secrecy::SecretString;

use crate::stub::{Reply, Stub};
use crate::support::{by_token, cloud, connector, hasty, read, settings, to_stub, url};

fn asking(cloud: &Cloud) -> Settings {
    let mut settings = settings();
    settings.oauth_servers = vec![url(cloud.oauth_url())];
    let secret = portal_sim::AppRegistration::default().client_secret;
    settings.client_secret = Some(SecretString::from(secret));
    settings
}

async fn clouds(portals: usize) -> Cloud {
    let options = Options {
        portals,
        seeds: vec![Seed::Empty],
        ..Options::default()
    };
    Cloud::start(options).await.unwrap()
}

fn member(portal: &Portal) -> MemberId {
    MemberId::parse(portal.member_id()).unwrap()
}

/// The error of a reading from a stub, and how many requests it took.
async fn told(reply: impl Fn() -> Reply + Send + Sync + 'static) -> (CrmError, usize) {
    let stub = Stub::start(move |_| reply()).await;
    let error = read(&connector(hasty()), &to_stub(&stub.url()))
        .await
        .unwrap_err();
    (error, stub.requests().len())
}

async fn with_effect(effect: Effect) -> (Trouble, usize) {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::every(effect));
    let access = by_token(portal, UserRole::Administrator);
    let error = read(&connector(settings()), &access).await.unwrap_err();
    (error.trouble(), portal.requests().len())
}
