//! Portals and cabinets: linking from inside a portal, what a cabinet sees of its portals, and what
//! ends that.

mod arranging;
mod comparing;
mod farewells;
mod finding;
mod freshness;
mod history;
mod linking;
mod portals;
mod races;
mod refreshing;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crmap_domain::cabinet::{Denial, Level, LinkOnPortal, PortalCard};
use crmap_domain::{Lang, MemberId};
use crmap_service::{Entered, LogIn, Registration, Session, Visitor};
use secrecy::{ExposeSecret, SecretString};

use crate::support::{ADMIN, Stand, member};

/// Somebody with a cabinet.
pub(crate) struct Owner {
    pub(crate) entered: Entered,
    token: String,
}

const PASSWORD: &str = "верблюд идёт по мосту";

/// Somebody who asks from an address of their own.
fn visitor(number: u8) -> Visitor {
    Visitor {
        ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, number)),
        agent: "Firefox".to_owned(),
    }
}

/// Owner `number`, registered and logged in.
pub(crate) async fn owner(stand: &Stand, number: u8) -> Owner {
    let services = &stand.services;
    let email = format!("owner{number}@example.ru");
    let form = Registration {
        name: format!("Владелец {number}"),
        email: email.clone(),
        password: SecretString::from(PASSWORD),
        lang: Lang::Ru,
    };
    let visitor = visitor(number);
    services.register(form, &visitor).await.unwrap();
    let form = LogIn {
        email,
        password: SecretString::from(PASSWORD),
    };
    let given = services.log_in(form, &visitor, None, None).await.unwrap();
    let cookie = given.cookie.expose_secret().to_owned();
    let entered = services.enter(&cookie, &visitor).await.unwrap();
    let token = services.connection_token(&entered).await.unwrap();
    // What comes now is news.
    stand.clock.pass(time::Duration::minutes(1));
    Owner {
        entered,
        token: token.expose_secret().to_owned(),
    }
}

/// Portal `number`, installed by its administrator at an address of its own.
pub(crate) async fn portal(stand: &Stand, number: u8) -> MemberId {
    let portal = member(number);
    stand.world.lives_at(&portal, &format!("p{number}.example"));
    stand.install_by(stand.arrival_at(&portal, ADMIN)).await;
    portal
}

pub(crate) async fn open(stand: &Stand, portal: &MemberId, user: i64) -> Arc<Session> {
    stand.open_by(stand.arrival_at(portal, user)).await
}

/// What comes of an administrator's try to link a portal for reading.
async fn try_to_link(
    stand: &Stand,
    portal: &MemberId,
    pasted: &str,
) -> Result<Vec<LinkOnPortal>, Denial> {
    let session = open(stand, portal, ADMIN).await;
    let visitor = visitor(200);
    stand
        .services
        .link_cabinet(&session, pasted, Level::Read, &visitor)
        .await
}

/// Links a portal for somebody who comes from elsewhere than the others.
pub(crate) async fn link_from(stand: &Stand, portal: &MemberId, owner: &Owner, visitor: &Visitor) {
    let session = open(stand, portal, ADMIN).await;
    let linked = stand
        .services
        .link_cabinet(&session, &owner.token, Level::Read, visitor)
        .await;
    linked.unwrap();
}

pub(crate) async fn link(stand: &Stand, portal: &MemberId, owner: &Owner) {
    try_to_link(stand, portal, &owner.token).await.unwrap();
}

/// Two cabinets and three portals: the first two are linked to one, the last two to the other.
async fn overlapping(stand: &Stand) -> ([Owner; 2], [MemberId; 3]) {
    let owners = [owner(stand, 1).await, owner(stand, 2).await];
    let portals = [
        portal(stand, 1).await,
        portal(stand, 2).await,
        portal(stand, 3).await,
    ];
    for (owner, linked) in owners.iter().zip(portals.windows(2)) {
        for portal in linked {
            link(stand, portal, owner).await;
        }
    }
    (owners, portals)
}

pub(crate) async fn cards(stand: &Stand, owner: &Owner) -> Vec<PortalCard> {
    stand.services.portals(&owner.entered).await.unwrap()
}

/// The one portal of a cabinet.
pub(crate) async fn card(stand: &Stand, owner: &Owner) -> PortalCard {
    let mut cards = cards(stand, owner).await;
    assert_eq!(cards.len(), 1);
    cards.remove(0)
}
