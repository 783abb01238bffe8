//! A certificate authority of our own, made anew at each start (official SDKs speak https only).

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use serde::{Deserialize, Serialize};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What can be wrong with a portal's TLS (F13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsFlaw {
    /// The certificate is out of date.
    Expired,
    /// The certificate is another host's.
    OtherHost,
    /// Nobody knows the authority that signed the certificate.
    UnknownAuthority,
    /// The handshake begins and never ends.
    Silent,
}

/// The authority's certificate, and the acceptors that serve all addresses.
pub(crate) struct Tls {
    pub(crate) ca_pem: String,
    pub(crate) acceptors: Acceptors,
}

/// One acceptor for each kind of certificate.
#[derive(Clone)]
pub(crate) struct Acceptors {
    good: TlsAcceptor,
    expired: TlsAcceptor,
    other_host: TlsAcceptor,
    unknown_authority: TlsAcceptor,
}

impl Acceptors {
    /// The acceptor for a flaw; none when the handshake never ends.
    pub(crate) const fn with(&self, flaw: Option<TlsFlaw>) -> Option<&TlsAcceptor> {
        match flaw {
            None => Some(&self.good),
            Some(TlsFlaw::Expired) => Some(&self.expired),
            Some(TlsFlaw::OtherHost) => Some(&self.other_host),
            Some(TlsFlaw::UnknownAuthority) => Some(&self.unknown_authority),
            Some(TlsFlaw::Silent) => None,
        }
    }
}

/// Makes an authority and its certificates for the addresses.
pub(crate) fn authority(addresses: &[IpAddr]) -> io::Result<Tls> {
    let (ca_pem, issuer) = make_issuer("Simulated Bitrix24 authority")?;
    let (_, stranger) = make_issuer("Authority that nobody trusts")?;
    let names: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    let good = CertificateParams::new(names).map_err(io::Error::other)?;
    let mut expired = good.clone();
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2020, 12, 31);
    let other_host = vec!["somebody.else.example".to_owned()];
    let other_host = CertificateParams::new(other_host).map_err(io::Error::other)?;
    Ok(Tls {
        ca_pem,
        acceptors: Acceptors {
            expired: acceptor(&expired, &issuer)?,
            other_host: acceptor(&other_host, &issuer)?,
            unknown_authority: acceptor(&good, &stranger)?,
            good: acceptor(&good, &issuer)?,
        },
    })
}

fn make_issuer(name: &str) -> io::Result<(String, Issuer<'static, KeyPair>)> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let pem = params.self_signed(&key).map_err(io::Error::other)?.pem();
    Ok((pem, Issuer::new(params, key)))
}

fn acceptor(
    params: &CertificateParams,
    issuer: &Issuer<'static, KeyPair>,
) -> io::Result<TlsAcceptor> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.signed_by(&key, issuer).map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
