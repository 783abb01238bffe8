//! `receive`: an event comes in. Acting upon it is left to `work`.

use crmap_crm::{Clock, SystemClock};
use crmap_service::{Notice, NoticeKind, Reception};
use sha2::{Digest, Sha256};

use crate::Said;
use crate::machine::Machine;
use crate::options::{Event, Kind};

/// Takes the event, and stays there for ever if it is told to.
pub(crate) async fn run(machine: &Machine, event: &Event) -> anyhow::Result<()> {
    let notice = Notice {
        member_id: event.member.clone(),
        kind: match event.kind {
            Kind::Fields => NoticeKind::FieldsChanged,
            Kind::Left => NoticeKind::Left { clean: false },
        },
        application_token: Some(event.token.clone()),
        sent_at: Some(SystemClock.now()),
        digest: Sha256::digest(format!("{:?} {}", event.kind, event.number)).into(),
    };
    let received = match machine.services.receive(&notice).await? {
        Reception::Taken => "taken",
        Reception::Known => "known",
        Reception::Ignored => "ignored",
    };
    Said::Received(received.to_owned()).say();
    if event.parks {
        std::future::pending::<()>().await;
    }
    Ok(())
}
