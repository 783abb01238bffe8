//! The log: for people a line each, or for programs a JSON object each. What comes from outside
//! cannot begin a line of its own, speak to a terminal or turn the order of signs around (SEC-39).

use std::fmt;
use std::io::IsTerminal as _;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
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
        LogFormat::Json => log.json().map_event_format(OneLine::for_programs).init(),
        LogFormat::Human => {
            let has_colours = std::io::stderr().is_terminal();
            log.with_ansi(false)
                .map_event_format(|format| OneLine::for_people(format, has_colours))
                .init();
        }
    }
}

/// How a sign is spelt out.
#[derive(Clone, Copy)]
enum Spelling {
    /// As in a text of this language.
    Text,
    /// As in a text within JSON, where such signs stand within texts alone.
    Json,
}

/// Makes one line of whatever a format gives: other line ends and all signs that control who shows
/// it are spelt out. The colours of a format would be such signs, so it must have none.
struct OneLine<F> {
    format: F,
    spelling: Spelling,
    /// Whether lines that want to be looked at are coloured, as a whole.
    has_colours: bool,
}

impl<F> OneLine<F> {
    const fn for_people(format: F, has_colours: bool) -> Self {
        Self {
            format,
            spelling: Spelling::Text,
            has_colours,
        }
    }

    const fn for_programs(format: F) -> Self {
        Self {
            format,
            spelling: Spelling::Json,
            has_colours: false,
        }
    }
}

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
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        let line = spelt_out(line.trim_end_matches('\n'), self.spelling);
        match colour(*event.metadata().level()) {
            Some(colour) if self.has_colours => {
                writeln!(writer, "\u{1b}[{colour}m{line}\u{1b}[0m")
            }
            _ => writeln!(writer, "{line}"),
        }
    }
}

/// Red for what wants to be looked at now, yellow for what wants to be looked at.
const fn colour(level: Level) -> Option<u8> {
    match level {
        Level::ERROR => Some(31),
        Level::WARN => Some(33),
        _ => None,
    }
}

fn spelt_out(line: &str, spelling: Spelling) -> String {
    let mut spelt = String::with_capacity(line.len());
    for sign in line.chars() {
        match spelling {
            _ if !controls(sign) => spelt.push(sign),
            Spelling::Text => spelt.extend(sign.escape_default()),
            // All of them have four digits at the most.
            Spelling::Json => spelt.push_str(&format!("\\u{:04x}", u32::from(sign))),
        }
    }
    spelt
}

/// Whether a sign ends a line for some who show logs, controls a terminal, or changes the direction
/// in which others are shown.
fn controls(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
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

    /// Every sign that must not come through as it is.
    fn forbidden() -> impl Iterator<Item = char> {
        [
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{2028}'..='\u{202e}',
            '\u{2066}'..='\u{2069}',
        ]
        .into_iter()
        .flatten()
        .chain(['\u{61c}', '\u{200e}', '\u{200f}'])
    }

    /// A name with all of them.
    fn name() -> String {
        let mut name = NAME.to_owned();
        for sign in forbidden() {
            name.extend(['ж', sign]);
        }
        name
    }

    fn told(log: &Kept) -> String {
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    }

    fn tell(subscriber: impl Subscriber + Send + Sync + 'static) {
        let name = name();
        let name = name.as_str();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", named = name, shown = %name);
            let _inside = span.enter();
            let error = std::io::Error::other(name);
            tracing::warn!(%error, debug = ?name, shown = %name, plain = name, "refused: {name}");
        });
    }

    fn is_one_line(told: &str) -> &str {
        let line = told.strip_suffix('\n').unwrap();
        for sign in forbidden() {
            assert!(!line.contains(sign), "{sign:?} in {line:?}");
        }
        assert!(line.contains("Фирма"));
        line
    }

    #[test]
    fn sec_39_names_from_outside_stay_within_one_line_for_people() {
        for has_colours in [false, true] {
            let log = Kept::default();
            let builder = tracing_subscriber::fmt()
                .with_ansi(false)
                .map_event_format(|format| OneLine::for_people(format, has_colours));
            tell(builder.with_writer(log.clone()).finish());
            let told = told(&log);
            let mut shown = told.clone();
            if has_colours {
                let plain = told.strip_prefix("\u{1b}[33m").unwrap();
                shown = plain.replacen("\u{1b}[0m\n", "\n", 1);
            }
            is_one_line(&shown);
            assert!(told.contains("\\u{1b}[2J"), "{told}");
        }
    }

    #[test]
    fn sec_39_names_from_outside_stay_within_one_object_for_programs() {
        let log = Kept::default();
        let builder = tracing_subscriber::fmt()
            .json()
            .map_event_format(OneLine::for_programs);
        tell(builder.with_writer(log.clone()).finish());
        let told = told(&log);
        let line = is_one_line(&told);
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        // Programs have the name as it is.
        assert_eq!(object["fields"]["plain"], name());
        assert_eq!(object["span"]["shown"], name());
    }

    /// The measure does find what the usual formats let through.
    #[test]
    fn sec_39_catches_a_format_that_lets_line_ends_through() {
        let people = Kept::default();
        let builder = tracing_subscriber::fmt().with_ansi(false);
        tell(builder.with_writer(people.clone()).finish());
        assert!(told(&people).matches('\n').count() > 1);
        let programs = Kept::default();
        let builder = tracing_subscriber::fmt().json();
        tell(builder.with_writer(programs.clone()).finish());
        assert!(told(&programs).contains(['\u{9b}', '\u{2028}', '\u{202e}']));
    }
}
