//! How long ago something was, in words, and exactly.

use crmap_domain::Lang;
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::say;

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

/// A moment as its age, with the exact moment to be seen by whoever points at it.
pub(super) fn age(at: OffsetDateTime, lang: Lang) -> impl IntoView + use<> {
    let now = Now::get().at();
    let exact = exactly(at);
    view! { <time title=exact datetime=stamp(at)>{in_words(now, at, lang)}</time> }
}

/// `25.11.2026 15:36 UTC`
pub(super) fn exactly(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!(
        "{:02}.{:02}.{} {:02}:{:02} UTC",
        at.day(),
        u8::from(at.month()),
        at.year(),
        at.hour(),
        at.minute()
    )
}

/// `25.11.2026`
pub(super) fn date(at: OffsetDateTime) -> String {
    format!("{:02}.{:02}.{}", at.day(), u8::from(at.month()), at.year())
}

fn stamp(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
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
        _ => date(at),
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
        assert_eq!(told(Duration::minutes(59)), "59 мин назад");
        assert_eq!(told(Duration::hours(23)), "23 ч назад");
        assert_eq!(told(Duration::days(29)), "29 дн. назад");
        assert_eq!(told(Duration::days(40)), "25.08.2024");
    }
}
