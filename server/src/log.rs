//! The log: for people a line each, or for programs a JSON object each. What comes from outside cannot
//! begin a line of its own or speak to a terminal (SEC-39).

use std::fmt;
use std::io::IsTerminal as _;

use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::cli::LogFormat;

/// Starts the log of the process, on its standard error.
pub(crate) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Json => log.json().init(),
        // Colours are signs of the kind that is taken out otherwise.
        LogFormat::Human if std::io::stderr().is_terminal() => log.with_ansi(true).init(),
        LogFormat::Human => log
            .with_ansi(false)
            .event_format(OneLine(for_people()))
            .init(),
    }
}

fn for_people() -> Format {
    tracing_subscriber::fmt::format().with_target(false)
}

/// Makes one line of whatever a format gives: other line ends and all signs that control a terminal
/// are spelt out.
struct OneLine<F>(F);

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        writeln!(writer, "{}", spelt_out(line.trim_end_matches('\n')))
    }
}

/// The line separators of Unicode end a line for some who show logs.
fn spelt_out(line: &str) -> String {
    let mut spelt = String::with_capacity(line.len());
    for sign in line.chars() {
        if sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}') {
            spelt.extend(sign.escape_default());
        } else {
            spelt.push(sign);
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// What a portal might be called whose owner wants to write into our log.
    const NAME: &str = "Фирма\r\n2026-01-01T00:00:00Z  INFO somebody was let in\u{1b}[2J\u{9b}31m\u{7}\u{202e}\u{2028}\0";

    fn told(log: &Kept) -> String {
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    }

    fn tell(subscriber: impl Subscriber + Send + Sync + 'static) {
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", name = NAME, shown = %NAME);
            let _inside = span.enter();
            let error = std::io::Error::other(NAME);
            tracing::warn!(%error, debug = ?NAME, shown = %NAME, plain = NAME, "refused: {NAME}");
        });
    }

    fn is_one_line(told: &str) {
        assert_eq!(told.matches('\n').count(), 1, "{told:?}");
        let line = told.strip_suffix('\n').unwrap();
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.contains("Фирма"));
    }

    #[test]
    fn sec_39_names_from_outside_stay_within_one_line_for_people() {
        let log = Kept::default();
        let builder = tracing_subscriber::fmt()
            .with_ansi(false)
            .event_format(OneLine(for_people()));
        tell(builder.with_writer(log.clone()).finish());
        let told = told(&log);
        is_one_line(&told);
        assert!(!told.contains(['\u{2028}', '\u{202e}']), "{told:?}");
        assert!(told.contains("\\u{1b}[2J"), "{told}");
    }

    #[test]
    fn sec_39_names_from_outside_stay_within_one_object_for_programs() {
        let log = Kept::default();
        let builder = tracing_subscriber::fmt().json();
        tell(builder.with_writer(log.clone()).finish());
        let told = told(&log);
        assert_eq!(told.matches('\n').count(), 1, "{told:?}");
        let object: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(object["fields"]["plain"], NAME);
        assert!(!told.contains(['\r', '\u{1b}', '\0', '\u{7}']), "{told:?}");
    }

    /// The measure does find what the usual format lets through.
    #[test]
    fn sec_39_catches_a_format_that_lets_line_ends_through() {
        let log = Kept::default();
        let builder = tracing_subscriber::fmt().with_ansi(false);
        tell(builder.with_writer(log.clone()).finish());
        assert!(told(&log).matches('\n').count() > 1);
    }
}
