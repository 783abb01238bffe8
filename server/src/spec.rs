//! `crmap spec`: one portal's specification through an incoming webhook, on standard output.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use crmap_bitrix::{Bitrix24, Settings, webhook};
use crmap_crm::{Access, CrmConnector as _, CrmError, SystemClock};
use crmap_domain::{Lang, Specification, json, text};

use crate::cli::{Format, SpecOptions};

/// Reads and prints.
///
/// # Errors
/// One line for a person that says what is wrong and what to do.
pub(crate) async fn spec(options: &SpecOptions) -> Result<(), String> {
    let lang = options.lang;
    let sentence = |error: &CrmError| format!("crmap: {}", error.trouble().advice(lang));
    let access = webhook::parse(&options.webhook_url).map_err(|error| sentence(&error))?;
    // The operator typed the address; a portal on the operator's own machine is as good as any.
    let settings = Settings {
        allow_loopback: true,
        ..Settings::new("")
    };
    let connector = Bitrix24::new(settings, Arc::new(SystemClock))
        .map_err(|error| format!("crmap: {error}"))?;
    let read = with_progress(read(&connector, &access, lang), &access, lang);
    let specification = read.await.map_err(|error| sentence(&error))?;
    let rendered = match options.format {
        Format::Txt => text::to_text(&specification, lang),
        Format::Json => json::to_json(&specification) + "\n",
    };
    print(&rendered).map_err(|error| format!("crmap: {error}"))
}

async fn read(
    connector: &Bitrix24,
    access: &Access,
    lang: Lang,
) -> Result<Specification, CrmError> {
    connector.account(access)?.read_specification(lang).await
}

/// Shows on a terminal that work goes on, and wipes it out when it is over.
async fn with_progress<T>(work: impl Future<Output = T>, access: &Access, lang: Lang) -> T {
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let host = url::Url::parse(&access.base)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let words = match lang {
        Lang::Ru => "Читаем портал",
        Lang::En => "Reading the portal",
    };
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let mut passed = 0_u32;
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = ticks.tick() => {
                eprint!("\r{words} {host}… {}.{} ", passed / 10, passed % 10);
                let _ = std::io::stderr().flush();
                passed += 2;
            }
        }
    };
    eprint!("\r\u{1b}[2K");
    done
}

fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // The reader has seen enough (`| head`).
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
