//! Serves the application's page over an account in memory, to measure the server by itself: what
//! a page costs without any portal behind it. Takes the number of rows (280 unless told), all of
//! them custom fields of deals; any opening is let in. Prints the address it listens on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crmap_app::document::Operator;
use crmap_crm::sample::{Size, sample};
use crmap_crm::{Clock, Doors, FakeCrm, SystemClock};
use crmap_domain::{Section, Specification};
use crmap_server::router::Leaving;
use crmap_server::{App, Front, OsEntropy, Site, TrustedProxies, router};
use crmap_service::{Services, Settings};
use crmap_store::{KeyRing, Store, StoreSettings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let rows: i64 = std::env::args()
        .nth(1)
        .map_or(Ok(280), |rows| rows.parse())?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(rows))
}

async fn serve(rows: i64) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let crm = FakeCrm {
        specification: Arc::new(only_deals(sample(Size {
            funnels: 0,
            stages: 0,
            fields: rows,
            users: 0,
        }))),
        token: None,
        expires_at: clock.now() + Duration::from_secs(3600),
        reading_takes: Duration::ZERO,
        failure: None,
    };
    let folder = std::env::temp_dir().join(format!("crmap-bench-{}", std::process::id()));
    let services = Services::new(
        Arc::new(crm),
        Arc::new(database(&folder).await?),
        clock,
        Arc::new(OsEntropy),
        Settings::new(Doors {
            events: "https://crmap.example/bitrix/events".to_owned(),
            app: "https://crmap.example/bitrix/app".to_owned(),
        }),
    );
    let app = App {
        services: Arc::new(services),
        site: Arc::new(Site::without_files()),
        front: Arc::new(Front::new(
            &"https://crmap.example".parse()?,
            TrustedProxies::default(),
        )),
        operator: Arc::new(Operator {
            name: "CRMAP".to_owned(),
            email: "support@crmap.example".to_owned(),
            site: "https://crmap.example".to_owned(),
        }),
        leaving: Leaving::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router(app)).await?;
    Ok(())
}

/// A database on disk, as a server has it.
async fn database(folder: &Path) -> anyhow::Result<Store> {
    let settings = StoreSettings {
        url: format!("sqlite://{}/crmap.db", folder.display()).into(),
        keys: KeyRing::generate([7; 32]),
        entropy: Arc::new(OsEntropy),
        spill_dir: None,
        connections: 8,
    };
    Ok(Store::open(settings).await?)
}

/// Leaves nothing but the fields of deals, so that the page has exactly as many rows as were asked.
fn only_deals(mut specification: Specification) -> Specification {
    specification.fields.contact = Section::Rows(Vec::new());
    specification.fields.company = Section::Rows(Vec::new());
    specification
}
