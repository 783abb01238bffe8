//! https, and what can be wrong with it (F13).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use portal_sim::{Cloud, Fault, Options, Seed, TlsFlaw};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::client::{Reply, exchange, start};

/// Asks the first portal for `profile`, trusting the cloud's authority.
pub(crate) async fn profile(cloud: &Cloud) -> io::Result<Reply> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(cloud.ca_pem().unwrap().as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let domain = cloud.portal(1).domain();
    let stream = TcpStream::connect(&domain).await?;
    let name = ServerName::try_from("127.0.0.2").unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let path = "rest/1/adminhook0000000/profile";
    exchange(stream, "GET", &domain, path, "text/plain", "").await
}

#[tokio::test]
async fn f13_certificates_are_wrong_and_handshakes_hang() {
    let cloud = start(Options {
        tls: true,
        seeds: vec![Seed::Empty],
        ..Options::default()
    })
    .await;
    let portal = cloud.portal(1);
    for (flaw, sign) in [
        (TlsFlaw::Expired, "expired"),
        (TlsFlaw::OtherHost, "not valid for name"),
        (TlsFlaw::UnknownAuthority, "UnknownIssuer"),
    ] {
        portal.set_fault(Fault::Tls { flaw });
        let problem = profile(&cloud).await.unwrap_err().to_string();
        assert!(problem.contains(sign), "{flaw:?}: {problem}");
        portal.clear_faults();
    }
    let flaw = TlsFlaw::Silent;
    portal.set_fault(Fault::Tls { flaw });
    let hanging = tokio::time::timeout(Duration::from_millis(300), profile(&cloud));
    assert!(hanging.await.is_err());
    portal.clear_faults();
    assert_eq!(profile(&cloud).await.unwrap().status, 200);
}
