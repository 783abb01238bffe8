//! The command `portal-sim`: starts the simulated cloud and prints where everything is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

use clap::Parser;
use portal_sim::{AppRegistration, Cloud, Options, Seed, UserRole};

/// A simulated Bitrix24 cloud: portals, their pages, and the OAuth server.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Address of the OAuth server; portal k listens on 127.0.0.(k+1) at the same port.
    #[arg(long, default_value = "127.0.0.1:8600")]
    listen: SocketAddr,
    /// How many portals.
    #[arg(long, default_value_t = 1)]
    portals: usize,
    /// The worlds of the portals: demo, large, empty, hostile or a number; the last one repeats.
    #[arg(long, value_delimiter = ',', default_value = "demo")]
    seed: Vec<Seed>,
    /// Milliseconds that every REST answer is delayed by.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Serve https and write the authority's certificate to DIR/ca.pem.
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Where the portals open the application.
    #[arg(long, default_value = "http://127.0.0.1:3000/bitrix/app")]
    app_url: String,
    /// Where the portals open the application until its installation is finished; the
    /// application's address with `install` for its last part `app` when not given.
    #[arg(long, value_name = "URL")]
    install_url: Option<String>,
    /// Where authorization codes go; `/bitrix/oauth` of the application's host when not given.
    #[arg(long, value_name = "URL")]
    redirect_url: Option<String>,
    /// Addresses that portals can move to.
    #[arg(long, value_name = "N", default_value_t = 2)]
    spare_addresses: usize,
    /// Start the portals without the application.
    #[arg(long)]
    not_installed: bool,
    /// The application's identifier.
    #[arg(long, default_value = "app.sim")]
    client_id: String,
    /// The application's secret.
    #[arg(long, default_value = "simulated-client-secret")]
    client_secret: String,
    /// Send every list in pages of 50.
    #[arg(long)]
    paged: bool,
}

impl Arguments {
    fn into_options(self) -> Options {
        Options {
            listen: self.listen,
            portals: self.portals,
            seeds: self.seed,
            latency: Duration::from_millis(self.latency),
            paged: self.paged,
            tls: self.tls.is_some(),
            not_installed: self.not_installed,
            spare_addresses: self.spare_addresses,
            app: AppRegistration {
                client_id: self.client_id,
                client_secret: self.client_secret,
                app_url: self.app_url,
                install_url: self.install_url,
                redirect_url: self.redirect_url,
                ..AppRegistration::default()
            },
            ..Options::default()
        }
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let tls_folder = arguments.tls.clone();
    let cloud = Cloud::start(arguments.into_options()).await?;
    if let (Some(folder), Some(pem)) = (tls_folder, cloud.ca_pem()) {
        fs::create_dir_all(&folder)?;
        let file = folder.join("ca.pem");
        fs::write(&file, pem)?;
        println!("Certificate authority: {}", file.display());
    }
    print_addresses(&cloud);
    tokio::signal::ctrl_c().await
}

fn print_addresses(cloud: &Cloud) {
    println!("OAuth server: {}/", cloud.oauth_url());
    for portal in cloud.portals() {
        let number = portal.number();
        println!("Portal {number} page: {}/", portal.base_url());
        println!(
            "Portal {number} webhook of the administrator: {}",
            portal.webhook(UserRole::Administrator)
        );
        println!(
            "Portal {number} webhook of an employee: {}",
            portal.webhook(UserRole::Employee)
        );
        println!(
            "Portal {number} webhook of an employee with narrow rights: {}",
            portal.webhook(UserRole::Narrow)
        );
    }
    println!("portal-sim is ready");
}
