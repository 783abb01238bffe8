//! Faults below HTTP: certificates, handshakes, names (F13, F14).

use std::sync::Arc;
use std::time::{Duration, Instant};

use crmap_bitrix::Settings;
use crmap_crm::CrmError;
use crmap_domain::Unreachable;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::stub::{Stub, hang};
use crate::support::{connector, read, settings, to_stub};

/// A server with a certificate for `name`, valid until `year`; its address and its authority.
async fn serving(name: &str, until: i32) -> (String, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    use tokio::io::AsyncWriteExt;
                    let (_, mut out) = tokio::io::split(stream);
                    let page = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
                    let _ = out.write_all(page).await;
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            });
        }
    });
    (address, authority)
}

fn trusting(authority: &str) -> Settings {
    let mut settings = settings();
    settings.authorities = vec![authority.to_owned()];
    settings.timeouts.connect = Duration::from_secs(2);
    settings
}

async fn why(settings: Settings, address: &str) -> Option<Unreachable> {
    match read(&connector(settings), &to_stub(address)).await {
        Err(CrmError::Unreachable { why, .. }) => Some(why),
        Err(CrmError::NotAPortal { .. }) => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f13_a_certificate_that_is_not_right_is_said_to_be_what_is_wrong() {
    let (good, authority) = serving("127.0.0.1", 2200).await;
    assert_eq!(
        why(trusting(&authority), &good).await,
        None,
        "it answers where all is right"
    );
    assert_eq!(
        why(settings(), &good).await,
        Some(Unreachable::Tls),
        "nobody vouches for it"
    );
    let (expired, authority) = serving("127.0.0.1", 2001).await;
    assert_eq!(
        why(trusting(&authority), &expired).await,
        Some(Unreachable::Tls)
    );
    let (other, authority) = serving("demo.bitrix24.ru", 2200).await;
    assert_eq!(
        why(trusting(&authority), &other).await,
        Some(Unreachable::Tls)
    );
    // Who speaks another protocol, or begins and never ends to shake hands.
    let plain = Stub::start(|_| hang()).await;
    let mut hasty = settings();
    hasty.timeouts.connect = Duration::from_millis(300);
    let started = Instant::now();
    let silent = why(hasty, &format!("https://{}", plain.address())).await;
    assert!(
        matches!(silent, Some(Unreachable::Timeout | Unreachable::Tls)),
        "{silent:?}"
    );
    assert!(plain.connections() <= 3, "no storm");
    assert!(started.elapsed() < Duration::from_secs(5));
}

/// The other half of this row, addresses that may not be called, is proved at the guard itself.
#[tokio::test]
async fn f14_a_name_that_means_nothing_is_a_fault_of_names() {
    let mut settings = settings();
    settings.allow_loopback = false;
    for host in ["no-such-portal.invalid", "xn--80akhbyknj4f.invalid"] {
        let why = why(settings.clone(), &format!("https://{host}")).await;
        assert_eq!(why, Some(Unreachable::Dns), "{host}");
    }
    // A name that leads to this very machine is refused however it is resolved.
    let error = read(&connector(settings), &to_stub("https://localhost")).await;
    assert!(
        matches!(error, Err(CrmError::WrongAddress { .. })),
        "{error:?}"
    );
}
