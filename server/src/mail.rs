//! Sends mail through the operator's SMTP server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use crmap_crm::{Clock, SystemClock};
use crmap_service::{Entropy, Mail, MailError, Mailer};
use lettre::address::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::cli::MailOptions;
use crate::runtime::OsEntropy;

/// The longest that handing over one letter may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The mailer that the settings name; nothing where they name no server.
///
/// # Errors
/// When the settings contradict each other or cannot be understood.
pub(crate) fn mailer(options: &MailOptions, site: &Url) -> anyhow::Result<Option<Arc<dyn Mailer>>> {
    let Some(url) = options.url() else {
        if options.mail_from.is_some() {
            bail!("CRMAP_MAIL_FROM is set, but CRMAP_SMTP_URL, the server to send by, is missing");
        }
        return Ok(None);
    };
    let from = options.mail_from.as_deref().context(
        "CRMAP_MAIL_FROM is missing: the address that mail is sent from, like CRMAP <crmap@example.ru>",
    )?;
    Ok(Some(Arc::new(SmtpMailer::new(url, from, site)?)))
}

/// Asks the server that mail is sent by whether it lets us in. Gives whether there is one.
///
/// # Errors
/// As [`mailer`], and when the server cannot be talked to or does not let us in.
pub(crate) async fn greet(options: &MailOptions, site: &Url) -> anyhow::Result<bool> {
    let (Some(url), Some(from)) = (options.url(), &options.mail_from) else {
        return Ok(mailer(options, site)?.is_some());
    };
    let mailer = SmtpMailer::new(url, from, site)?;
    let greeting = mailer.transport.test_connection();
    match tokio::time::timeout(mailer.patience, greeting).await {
        Ok(Ok(true)) => Ok(true),
        Ok(Ok(false)) => {
            bail!("the server that CRMAP_SMTP_URL names does not answer as one of mail")
        }
        Ok(Err(error)) => Err(judged(&error, true)).context("CRMAP_SMTP_URL"),
        Err(_) => bail!("the server that CRMAP_SMTP_URL names did not answer in time"),
    }
}

/// Hands letters over to one SMTP server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The site's host, in which names of letters are unique.
    host: String,
    patience: Duration,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl SmtpMailer {
    /// Sends by the server at `url` (`smtps://USER:PASSWORD@HOST`, or `smtp://…?tls=required`) from
    /// the mailbox `from`, for the site at `site`.
    ///
    /// # Errors
    /// When one of them cannot be understood; the text holds no secret.
    pub fn new(url: &SecretString, from: &str, site: &Url) -> anyhow::Result<Self> {
        let from: Mailbox = from
            .parse()
            .ok()
            .context("CRMAP_MAIL_FROM is no mailbox, like CRMAP <crmap@example.ru>")?;
        let host = site.host_str().unwrap_or("localhost").to_owned();
        let transport = transport(url, &host).context(
            "CRMAP_SMTP_URL is no address of an SMTP server, like smtps://USER:PASSWORD@HOST",
        )?;
        Ok(Self {
            transport,
            from,
            host,
            patience: PATIENCE,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
        })
    }

    /// The same with another patience, clock or source of randomness.
    #[must_use]
    pub fn with(
        self,
        patience: Duration,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            patience,
            clock,
            entropy,
            ..self
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        if mail.subject.chars().any(char::is_control) {
            return Err(never("its subject is not one line"));
        }
        let to =
            recipient(mail.to.as_str()).ok_or_else(|| never("its address cannot be sent to"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .date(self.clock.now().into())
            .message_id(Some(self.fresh_name()))
            // Nobody's machine is to answer it (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|_| never("it cannot be written as a message"))
    }

    /// A name for a letter that no other has.
    fn fresh_name(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.entropy.fill(&mut bytes);
        format!("<{:032x}@{}>", u128::from_be_bytes(bytes), self.host)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        let is_ascii = mail.to.as_str().is_ascii();
        let sending = self.transport.send(message);
        match tokio::time::timeout(self.patience, sending).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(judged(&error, is_ascii)),
            Err(_) => Err(later("the server did not answer in time")),
        }
    }
}

/// The server of an address. It is greeted with the site's name unless the address has another.
fn transport(url: &SecretString, host: &str) -> Option<AsyncSmtpTransport<Tokio1Executor>> {
    let url = url.expose_secret();
    let names_us = Url::parse(url).ok()?.path().len() > 1;
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).ok()?;
    let builder = builder.timeout(Some(PATIENCE));
    let builder = if names_us {
        builder
    } else {
        builder.hello_name(ClientId::Domain(host.to_owned()))
    };
    Some(builder.build())
}

/// An address with its domain in the form that every server knows.
fn recipient(address: &str) -> Option<Address> {
    let (local, domain) = address.rsplit_once('@')?;
    let domain = url::Host::parse(domain).ok()?.to_string();
    Address::new(local, domain).ok()
}

/// Whether to try again. What a server says may hold addresses, so its code alone is told.
fn judged(error: &smtp::Error, is_ascii: bool) -> MailError {
    if let Some(code) = error.status() {
        let what = format!("the server answered {code}");
        return if error.is_permanent() && !is_about_us(u16::from(code)) {
            MailError::Never(what)
        } else {
            MailError::Later(what)
        };
    }
    match std::error::Error::source(error) {
        _ if error.is_client() && !is_ascii => {
            never("the server takes no addresses in letters of other scripts")
        }
        _ if error.is_client() => {
            later("the server offers no encryption, or no way to log in that we know")
        }
        _ if error.is_response() => {
            later("the server broke off, or its answer could not be understood")
        }
        // Of the network, names and certificates.
        Some(cause) => MailError::Later(format!("the server could not be talked to: {cause}")),
        None => later("the server could not be talked to"),
    }
}

/// Whether an answer refuses our name and password rather than the letter: the operator will mend
/// that.
const fn is_about_us(code: u16) -> bool {
    code / 10 == 53
}

fn never(what: &str) -> MailError {
    MailError::Never(what.to_owned())
}

fn later(what: &str) -> MailError {
    MailError::Later(what.to_owned())
}
