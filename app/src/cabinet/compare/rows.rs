//! The tables: a row for what belongs together or stands alone, and below it what belongs to it.

use crmap_domain::compare::{Comparison, Difference, Unknown, Verdict};
use crmap_domain::search::Query;
use crmap_domain::{Color, Lang};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use super::bench::{Bench, WINDOW};
use super::model::{Line, Section, Shown};
use super::room::{Show, Spot};
use crate::help::Notion;
use crate::say;
use crate::ui::{self, Badge, Button, Column, Look, Shade, copyable, still};
use crate::words::use_lang;

/// How many lines are drawn below a row.
const MOST_BELOW: usize = 300;

/// A section with its heading.
#[component]
pub(super) fn SectionView(index: usize, section: Section) -> impl IntoView {
    let lang = use_lang();
    let bench = Bench::get();
    let title = match section {
        Section::Funnels => say!(lang, compare_funnels),
        Section::Fields(_, entity) => entity.fields_title(lang),
    };
    let heading = format!("compare-{index}");
    let label = heading.clone();
    view! {
        <section class="compare-section" aria-labelledby=label hidden=move || is_idle(bench, section)>
            <h2 class="compare-section__title" id=heading>{title}</h2>
            {move || content(bench, index, section, title)}
        </section>
    }
}

/// Whether a section has nothing of what is shown, which the others may have.
pub(super) fn is_idle(bench: Bench, section: Section) -> bool {
    let (comparison, show) = (bench.comparison(), bench.show.get());
    show != Show::All
        && section.unknown(&comparison).is_none()
        && section.rows_of(&comparison, show).is_empty()
}

fn content(
    bench: Bench,
    index: usize,
    section: Section,
    title: &'static str,
) -> impl IntoView + use<> {
    let (lang, show) = (bench.lang, bench.show.get());
    let comparison = bench.comparison();
    if let Some(unknown) = section.unknown(&comparison) {
        return EitherOf3::A(refused(unknown, lang));
    }
    let rows = section.rows_of(&comparison, show);
    if rows.is_empty() {
        let words = if section.count(&comparison) == 0 {
            say!(lang, compare_nothing)
        } else {
            say!(lang, compare_nothing_shown)
        };
        return EitherOf3::B(view! { <p class="compare-hint">{words}</p> });
    }
    let total = rows.len();
    let window = bench
        .windows
        .with(|windows| windows.get(index).copied().unwrap_or(WINDOW));
    let turned = bench.turned.get();
    let without_stages = (section == Section::Funnels && comparison.stages.is_some())
        .then(|| view! { <p class="compare-hint">{say!(lang, compare_no_stages)}</p> });
    let shown = total.min(window);
    let spots = rows.into_iter().take(window).map(move |row| Spot {
        section: index,
        row,
        nested: None,
    });
    let table = still(move || {
        let is_turned = |spot: &Spot| turned.contains(spot);
        let rows: Vec<_> = spots
            .map(|spot| row_view(bench, &comparison, section, spot, is_turned(&spot)))
            .collect();
        table(title, rows, lang)
    });
    EitherOf3::C(view! {
        {without_stages}
        {table}
        {(shown < total).then(|| view! {
            <div class="more">
                <span>{say!(lang, shown_of, shown = shown, total = total)}</span>
                <Button
                    look=Look::Plain
                    label=say!(lang, show_more, count = WINDOW.min(total - shown))
                    on_press=move |_| bench.windows.update(|windows| {
                        if let Some(window) = windows.get_mut(index) {
                            *window += WINDOW;
                        }
                    })
                />
            </div>
        })}
    })
}

fn table<R: IntoView>(title: &'static str, rows: Vec<R>, lang: Lang) -> impl IntoView + use<R> {
    let columns = [
        Column::of(say!(lang, compare_col_outcome)),
        Column::of(say!(lang, compare_left)),
        Column::of(say!(lang, compare_right)),
        Column::of(say!(lang, compare_col_what)),
        Column::of(say!(lang, compare_col_by_hand)).about(Notion::Matching),
    ];
    let body = view! { <tbody>{rows}</tbody> };
    ui::table("table table--compare", title, &columns, body)
}

/// Why the rows of a section are not known.
fn refused(unknown: &Unknown, lang: Lang) -> impl IntoView + use<> {
    let left = unknown.left.as_ref();
    let left = left.map(|refusal| (say!(lang, compare_refused_left), refusal.sentence(lang)));
    let right = unknown.right.as_ref();
    let right = right.map(|refusal| (say!(lang, compare_refused_right), refusal.sentence(lang)));
    let lines = left.into_iter().chain(right);
    lines
        .map(|(side, why)| view! { <p class="compare-hint">{side}" "{why}</p> })
        .collect_view()
}

/// A row, and below it what is unfolded: at first where something below differs.
fn row_view(
    bench: Bench,
    comparison: &Comparison,
    section: Section,
    spot: Spot,
    is_turned: bool,
) -> impl IntoView + use<> {
    let (lang, show) = (bench.lang, bench.show.get_untracked());
    let line = section.line(comparison, spot.row, lang)?;
    let inside = section.nested_verdicts(comparison, spot.row).len();
    let differs = section.differs_inside(comparison, spot.row);
    let is_open = differs != is_turned;
    let toggle = (inside > 0).then(|| toggle(bench, section, &line, inside, is_open));
    let below = is_open.then(|| below(bench, comparison, section, spot.row, show, lang));
    let is_only_inside = differs && line.verdict == Verdict::Equal;
    Some(view! {
        {line_view(&line, toggle, "pair", is_only_inside, lang)}
        {below}
    })
}

fn toggle(
    bench: Bench,
    section: Section,
    line: &Line<'_>,
    count: usize,
    is_open: bool,
) -> impl IntoView + use<> {
    let lang = bench.lang;
    let spot = line.spot;
    let words = match section {
        Section::Funnels => say!(lang, compare_stages_count, count = count),
        Section::Fields(..) => say!(lang, compare_items_count, count = count),
    };
    let address = bench.address(|asked| asked.open = Some(spot));
    view! {
        <a
            class="link link--toggle"
            href=address
            data-unfold=spot.to_string()
            aria-expanded=if is_open { "true" } else { "false" }
            aria-label=say!(lang, compare_unfold, name = line.name().to_owned())
        >
            {words}
        </a>
    }
}

fn below(
    bench: Bench,
    comparison: &Comparison,
    section: Section,
    row: usize,
    show: Show,
    lang: Lang,
) -> impl IntoView + use<> {
    let mut lines = section.nested(comparison, row);
    let total = lines.len();
    if total > MOST_BELOW {
        // What differs must not be among those that are not drawn.
        lines.sort_by_key(|line| line.verdict == Verdict::Equal);
    }
    // What is inside a row that differs, and is on one side alone, is a difference of the row.
    let is_shown = |line: &Line<'_>| {
        show.takes(line.verdict) || (show == Show::Different && line.verdict != Verdict::Equal)
    };
    // Who unfolds a row that holds nothing of the kind wants to see what it holds.
    let is_any_shown = lines.iter().any(is_shown);
    let drawn: Vec<_> = lines
        .iter()
        .filter(|line| !is_any_shown || is_shown(line))
        .take(MOST_BELOW)
        .map(|line| line_view(line, None::<()>, "pair pair--below", false, bench.lang))
        .collect();
    let shown = drawn.len();
    let rest = (shown < total).then(|| {
        view! {
            <tr class="pair pair--below">
                <td colspan="5" class="faint">{say!(lang, shown_of, shown = shown, total = total)}</td>
            </tr>
        }
    });
    view! {
        {drawn}
        {rest}
    }
}

fn line_view<T: IntoView + 'static>(
    line: &Line<'_>,
    toggle: Option<T>,
    class: &'static str,
    differs_inside: bool,
    lang: Lang,
) -> impl IntoView + use<T> {
    let (shade, word) = match line.verdict {
        _ if differs_inside => (Shade::Warning, say!(lang, compare_inside)),
        Verdict::Equal => (Shade::Good, line.verdict.word(lang)),
        Verdict::Different => (Shade::Warning, line.verdict.word(lang)),
        Verdict::OnlyLeft | Verdict::OnlyRight => (Shade::Plain, line.verdict.word(lang)),
    };
    let differences: Vec<_> = line
        .differences
        .iter()
        .map(|difference| difference_view(difference, lang))
        .collect();
    let differences =
        (!differences.is_empty()).then(|| view! { <ul class="pair__diffs">{differences}</ul> });
    let note = line
        .note
        .clone()
        .map(|note| view! { <span class="faint">{note}</span> });
    view! {
        <tr class=class data-id=line.spot.to_string()>
            <td class="pair__verdict"><Badge shade word=word/></td>
            <td class="pair__side">{side(line.left.as_ref(), say!(lang, compare_left), lang)}</td>
            <td class="pair__side">{side(line.right.as_ref(), say!(lang, compare_right), lang)}</td>
            <td class="pair__what">
                {note}
                {differences}
                {toggle}
            </td>
            <td class="pair__acts">{acts(line, lang)}</td>
        </tr>
    }
}

/// A side: its name and its ID; what the head of the column says is said again where the page is too
/// narrow for columns.
fn side(shown: Option<&Shown>, title: &'static str, lang: Lang) -> impl IntoView + use<> {
    let title = view! { <span class="pair__title">{title}</span> };
    let Some(shown) = shown else {
        return Either::Left(view! {
            {title}
            <span class="faint" aria-hidden="true">"—"</span>
            <span class="off-screen">{say!(lang, compare_absent)}</span>
        });
    };
    let name = if shown.name.is_empty() {
        Either::Left(view! { <span class="faint">{say!(lang, no_label)}</span> })
    } else {
        Either::Right(view! { <span class="pair__name">{shown.name.clone()}</span> })
    };
    Either::Right(view! {
        {title}
        {name}
        {copyable(&shown.id, &Query::default())}
    })
}

/// What differs, before and after.
fn difference_view(difference: &Difference, lang: Lang) -> impl IntoView + use<> {
    let (left, right) = difference.values(lang);
    let colors = match difference {
        Difference::Color(change) => (change.left.clone(), change.right.clone()),
        _ => (None, None),
    };
    let value = |text: String, color: Option<Color>| {
        let text = if text.is_empty() {
            "—".to_owned()
        } else {
            text
        };
        view! { <span class="pair__value">{color.as_ref().map(chip)}{text}</span> }
    };
    view! {
        <li>
            <span class="pair__attribute">{difference.attribute(lang)}":"</span>
            {value(left, colors.0)}
            <span class="pair__arrow" aria-hidden="true">" → "</span>
            <span class="off-screen">{say!(lang, compare_arrow)}</span>
            {value(right, colors.1)}
        </li>
    }
}

fn chip(color: &Color) -> impl IntoView + use<> {
    view! {
        <svg class="chip" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
            <rect x="0.5" y="0.5" width="11" height="11" rx="3" fill=color.as_str().to_owned()/>
        </svg>
    }
}

/// What somebody can say of a row by hand.
fn acts(line: &Line<'_>, lang: Lang) -> impl IntoView + use<> {
    let spot = line.spot.to_string();
    let name = line.name().to_owned();
    let is_pair = matches!(line.verdict, Verdict::Equal | Verdict::Different);
    let by_hand = line.by_hand;
    let mark = by_hand.then(|| {
        view! { <Badge shade=Shade::Plain word=say!(lang, compare_by_hand)/> }
    });
    let first = match (is_pair, by_hand) {
        (true, false) => Some(view! {
            <button class="link" data-part=spot.clone() aria-label=say!(lang, compare_part_of, name = name.clone())>
                {say!(lang, compare_part)}
            </button>
        }),
        _ => None,
    };
    let matching = (!is_pair).then(|| {
        view! {
            <button class="link" data-match=spot.clone() aria-label=say!(lang, compare_match_of, name = name.clone())>
                {say!(lang, compare_match)}
            </button>
        }
    });
    let forget = by_hand.then(|| {
        view! {
            <button class="link" data-forget=spot aria-label=say!(lang, compare_forget_of, name = name)>
                {say!(lang, compare_forget)}
            </button>
        }
    });
    view! {
        {mark}
        {first}
        {matching}
        {forget}
    }
}
