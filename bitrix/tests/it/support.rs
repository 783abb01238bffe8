//! Connectors with short waits, and what tests do with them over and over.

use std::sync::Arc;
use std::time::Duration;

use crmap_bitrix::{Bitrix24, Settings, webhook};
use crmap_crm::{Access, Clock, Credential, CrmConnector, CrmError};
use crmap_domain::{Lang, MemberId, Specification};
use portal_sim::{Cloud, Options, Portal, Seed, UserRole};
use secrecy::SecretString;
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

/// Earlier than every token of the simulated cloud runs out.
pub const NOW: OffsetDateTime = datetime!(2020-01-01 12:00:00.75 UTC);

pub const CLIENT_ID: &str = "app.sim";

struct At(OffsetDateTime);

impl Clock for At {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

/// Everything as by default, save that nobody waits for long; long enough, though, for a machine
/// that is busy with other things.
pub fn settings() -> Settings {
    let mut settings = Settings::new(CLIENT_ID);
    settings.allow_loopback = true;
    settings.oauth_servers.clear();
    settings.timeouts.first_byte = Duration::from_secs(5);
    settings.timeouts.idle = Duration::from_secs(3);
    settings.timeouts.proof = Duration::from_secs(2);
    settings.timeouts.request = Duration::from_secs(20);
    settings.timeouts.reading = Duration::from_secs(30);
    settings.pace.throttled_wait = Duration::from_millis(20);
    settings.pace.longest_wait = Duration::from_millis(200);
    settings.pace.broken_wait = Duration::from_millis(10);
    settings
}

/// For servers that never answer.
pub fn hasty() -> Settings {
    let mut settings = settings();
    settings.timeouts.first_byte = Duration::from_millis(300);
    settings.timeouts.idle = Duration::from_millis(300);
    settings
}

/// For worlds whose answers take the simulated portal a while, on a machine that has little time for
/// it: nothing is asked twice only because it was slow.
pub fn patient() -> Settings {
    let mut settings = settings();
    settings.timeouts.first_byte = Duration::from_secs(60);
    settings.timeouts.idle = Duration::from_secs(60);
    settings.timeouts.request = Duration::from_secs(120);
    settings.timeouts.reading = Duration::from_secs(180);
    settings
}

pub fn connector(settings: Settings) -> Bitrix24 {
    Bitrix24::new(settings, Arc::new(At(NOW))).unwrap()
}

pub async fn cloud(seed: Seed) -> Cloud {
    Cloud::start(Options {
        seeds: vec![seed],
        ..Options::default()
    })
    .await
    .unwrap()
}

pub fn by_webhook(portal: &Portal, role: UserRole) -> Access {
    webhook::parse(&portal.webhook(role)).unwrap()
}

pub fn by_token(portal: &Portal, role: UserRole) -> Access {
    Access {
        base: portal.client_endpoint(),
        credential: Credential::Token(SecretString::from(portal.access_token(role))),
        member_id: Some(MemberId::parse(portal.member_id()).unwrap()),
        user_id: Some(i64::from(portal.world().user_id(role))),
    }
}

pub fn to_stub(base: &str) -> Access {
    Access {
        base: format!("{base}/rest/"),
        credential: Credential::Token(SecretString::from("token-of-the-user")),
        member_id: None,
        user_id: None,
    }
}

pub async fn read(connector: &Bitrix24, access: &Access) -> Result<Specification, CrmError> {
    connector
        .account(access)?
        .read_specification(Lang::Ru)
        .await
}

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}
