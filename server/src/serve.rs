//! `crmap serve`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use crmap_app::document::Operator;
use crmap_bitrix::{Bitrix24, Settings};
use crmap_crm::{Doors, SystemClock};
use crmap_service::{Mailer, Services, StoreJournal, StorePace};
use crmap_store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::cli::ServeOptions;
use crate::config::{ConfigFile, cautions};
use crate::door::{self, Manners};
use crate::router::Leaving;
use crate::{
    App, Front, OsEntropy, Site, TrustedProxies, database, figures, log, mail, panics, router,
};

/// How long the record of requests is waited for at the end: whoever reads a slow portal for a page
/// that nobody waits for any more would keep the process from its end.
const RECORDS_END_WITHIN: Duration = Duration::from_secs(5);

/// Serves until it is told to stop.
pub(crate) async fn serve(options: ServeOptions, file: Option<&ConfigFile>) -> anyhow::Result<()> {
    log::start(options.log_format);
    warn_of_open_secrets(&options);
    panics::watch();
    // Before anything that is counted.
    let counting = match options.metrics_listen {
        Some(listen) => Some((listen, figures::begin()?)),
        None => None,
    };
    let site = Site::find(options.site_dir.as_deref())?;
    let mailer = mail::mailer(&options.mail, &options.public_url)?;
    let store = Arc::new(database::open(&options.database, options.spill_dir.clone()).await?);
    for caution in cautions(&options, file) {
        tracing::warn!("{}", caution.said);
    }
    // The record of requests must not take connections away that people wait for (REL-20).
    let records = store.background(2).await.context("the database")?;
    let (services, journal) = services(&options, store, Arc::new(records), mailer)?;
    let services = Arc::new(services);
    let app = App {
        services: Arc::clone(&services),
        site: Arc::new(site),
        front: Arc::new(front(&options)),
        operator: Arc::new(operator(&options)),
        leaving: Leaving::default(),
    };
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", options.listen))?;
    let listen = listener.local_addr().unwrap_or(options.listen);
    let (stop, stopped) = watch::channel(false);
    if let Some((listen, figures)) = counting {
        figures::show(listen, figures, Arc::clone(&services), stopped.clone()).await?;
    }
    let worker = tokio::spawn(Arc::clone(&services).work(stopped));
    tracing::info!(%listen, "crmap is ready");
    let leaving = app.leaving.clone();
    let closing = closing(stop, leaving.clone(), options.stop_delay);
    let rooms = door::parting(router(app), leaving);
    let all_finished = door::serve(listener, rooms, Manners::default(), closing).await;
    if !all_finished {
        tracing::warn!("some requests did not finish in time and were broken off");
    }
    let worked = worker_and_rest(worker, services.close()).await;
    // With the last of the use cases the connector goes, and with it the journal's sender.
    drop(services);
    let recorded = record_ends(journal).await;
    worked.and(recorded)
}

/// Ends what goes on besides the worker when that has ended, in whatever way: a refresh that was sent
/// is waited for even where the worker failed (REL-26).
async fn worker_and_rest(
    worker: JoinHandle<()>,
    closing: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let worked = worker.await.context("the worker failed");
    closing.await;
    worked
}

async fn record_ends(journal: JoinHandle<()>) -> anyhow::Result<()> {
    match tokio::time::timeout(RECORDS_END_WITHIN, journal).await {
        Ok(ended) => ended.context("the journal failed"),
        Err(_late) => {
            tracing::warn!("some requests to portals are missing in the record");
            Ok(())
        }
    }
}

/// Ends when the door is to be closed: some time after the process was told to stop, so that proxies
/// in front notice that it is not ready any more. The worker stops at once. Being told a second time
/// ends the process on the spot.
async fn closing(stop: watch::Sender<bool>, leaving: Leaving, delay: Duration) {
    told_to_stop().await;
    tracing::info!("told to stop: nobody is let in any more, who is inside may finish");
    tokio::spawn(async {
        told_to_stop().await;
        tracing::warn!("told to stop once more: everything is broken off");
        std::process::exit(1);
    });
    leaving.begin();
    // The worker may have ended by itself.
    let _ = stop.send(true);
    tokio::time::sleep(delay).await;
}

fn services(
    options: &ServeOptions,
    store: Arc<Store>,
    records: Arc<Store>,
    mailer: Option<Arc<dyn Mailer>>,
) -> anyhow::Result<(Services, JoinHandle<()>)> {
    let settings = Settings {
        oauth_servers: options.bitrix_oauth_servers.clone(),
        client_secret: options.client_secret().cloned(),
        allow_loopback: options.allow_loopback_portals,
        extra_ports: options.portal_ports.clone(),
        ..Settings::new(options.bitrix_client_id.clone())
    };
    let clock = Arc::new(SystemClock);
    let (journal, writer) = StoreJournal::start(records);
    let connector = Bitrix24::new(settings, clock.clone())
        .context("the connector does not start")?
        .with_journal(Arc::new(journal));
    // One process needs no common memory of limits.
    let connector = if database::is_shared(&options.database.database)? {
        connector.with_shared_pace(Arc::new(StorePace::new(Arc::clone(&store))))
    } else {
        connector
    };
    let settings = crmap_service::Settings {
        journal_days: options.journal_days,
        sync_interval: options.sync_interval,
        site: site(options),
        mailer,
        ..crmap_service::Settings::new(doors(&options.public_url)?)
    };
    let services = Services::new(
        Arc::new(connector),
        store,
        clock,
        Arc::new(OsEntropy),
        settings,
    );
    Ok((services, writer))
}

/// Secrets are for this process alone (SEC-33).
fn warn_of_open_secrets(options: &ServeOptions) {
    for file in options.secret_files() {
        if let Some(mode) = file.lax_mode() {
            let file = file.path().display();
            tracing::warn!(%file, mode, "others may read the file of a secret: set its mode to 0600");
        }
    }
}

/// Where portals find us.
fn doors(public_url: &Url) -> anyhow::Result<Doors> {
    let door = |path| {
        let joined = public_url.join(path);
        joined.with_context(|| format!("CRMAP_PUBLIC_URL {public_url} is not an address"))
    };
    Ok(Doors {
        events: door("/bitrix/events")?.into(),
        app: door("/bitrix/app")?.into(),
    })
}

fn front(options: &ServeOptions) -> Front {
    let proxies = TrustedProxies::new(options.trusted_proxies.clone());
    Front::new(&options.public_url, proxies)
}

fn operator(options: &ServeOptions) -> Operator {
    Operator {
        name: options.operator_name.clone(),
        email: options.operator_email.clone(),
        site: site(options),
    }
}

/// The public address without a slash at its end.
fn site(options: &ServeOptions) -> String {
    options.public_url.as_str().trim_end_matches('/').to_owned()
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "the signal to terminate cannot be heard; the interrupt still can");
            let _ = interrupted.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rel_26_a_worker_that_failed_keeps_nothing_else_from_its_end() {
        for fails in [false, true] {
            let worker = tokio::spawn(async move { assert!(!fails, "as it is told to") });
            let mut is_closed = false;
            let worked = worker_and_rest(worker, async { is_closed = true }).await;
            assert!(is_closed);
            assert_eq!(worked.is_err(), fails);
        }
    }
}
