//! How long ago something was, in words, and exactly.

use crmap_domain::Lang;
use crmap_domain::words::{day, moment};
use leptos::prelude::*;
use time::{OffsetDateTime, UtcOffset};

use crate::{browser, say};

/// The server's clock when it was last heard of: when the page was written, or when it was asked for
/// something newer.
#[derive(Clone, Copy)]
pub(super) struct Now(RwSignal<OffsetDateTime>);

impl Now {
    /// Gives the page's clock to everything below.
    pub(super) fn provide(now: OffsetDateTime) {
        provide_context(Self(RwSignal::new(now)));
    }

    /// The page's clock.
    pub(super) fn get() -> Self {
        expect_context()
    }

    /// The moment. Nothing is drawn anew because time passes, but whatever is drawn goes by it.
    pub(super) fn at(self) -> OffsetDateTime {
        self.0.get_untracked()
    }

    /// Puts it on.
    pub(super) fn set(self, now: OffsetDateTime) {
        self.0.set(now);
    }
}

/// By whose clock exact moments are written: by UTC, as the server writes them, until the page is
/// alive; then by the clock of whoever looks.
#[derive(Clone, Copy)]
pub(super) struct Zone {
    is_own: RwSignal<bool>,
}

impl Zone {
    /// Gives it to everything below, and keeps the exact moments behind ages by it.
    pub(super) fn provide(lang: Lang) {
        let is_own = RwSignal::new(false);
        provide_context(Self { is_own });
        Effect::new(move |_| {
            is_own.set(true);
            browser::on_pointing_at_time(move |at| moment(browser::in_own_time(at), lang));
        });
    }

    fn exactly(self, at: OffsetDateTime, lang: Lang) -> String {
        if self.is_own.get() {
            return moment(browser::in_own_time(at), lang);
        }
        by_utc(at, lang)
    }
}

/// A moment as its age, with the exact moment to be seen by whoever points at it.
pub(super) fn age(at: OffsetDateTime, lang: Lang) -> impl IntoView + use<> {
    let now = Now::get().at();
    view! { <time title=by_utc(at, lang) datetime=stamp(at)>{in_words(now, at, lang)}</time> }
}

/// A moment to the minute, to be asked for where it is drawn: «25.11.2026 15:36 UTC», and without the
/// zone in a living page, where it is the reader's own.
pub(super) fn exactly(at: OffsetDateTime, lang: Lang) -> impl Fn() -> String + Copy + 'static {
    let zone = use_context::<Zone>();
    move || zone.map_or_else(|| by_utc(at, lang), |zone| zone.exactly(at, lang))
}

fn by_utc(at: OffsetDateTime, lang: Lang) -> String {
    let mut written = moment(at.to_offset(UtcOffset::UTC), lang);
    written.push_str("\u{a0}UTC");
    written
}

fn stamp(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!(
        "{}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn in_words(now: OffsetDateTime, at: OffsetDateTime, lang: Lang) -> String {
    let minutes = (now - at).whole_minutes();
    match minutes {
        ..=0 => say!(lang, age_now).to_owned(),
        1..60 => say!(lang, age_minutes, count = minutes),
        60..1_440 => say!(lang, age_hours, count = minutes / 60),
        1_440..43_200 => say!(lang, age_days, count = minutes / 1_440),
        _ => day(at.date(), lang),
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime};

    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_people_would_take() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let told = |ago| in_words(now, now - ago, Lang::Ru);
        assert_eq!(told(Duration::seconds(-5)), "только что");
        assert_eq!(told(Duration::minutes(59)), "59\u{a0}мин назад");
        assert_eq!(told(Duration::hours(23)), "23\u{a0}ч назад");
        assert_eq!(told(Duration::days(29)), "29\u{a0}дн. назад");
        assert_eq!(told(Duration::days(40)), "25.08.2024");
        assert_eq!(
            in_words(now, now - Duration::days(40), Lang::En),
            "25\u{a0}Aug\u{a0}2024"
        );
    }

    #[test]
    fn the_server_says_by_which_clock_it_writes() {
        let at = time::macros::datetime!(2026-11-25 18:36 +03:00);
        assert_eq!(by_utc(at, Lang::Ru), "25.11.2026\u{a0}15:36\u{a0}UTC");
    }
}
