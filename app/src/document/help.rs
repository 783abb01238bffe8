//! Help: a page for each face, made of chapters that both may share, and short explanations beside
//! the notions of a page. An explanation is the beginning of its section, so that there is one text.
//!
//! The texts of `app/help` are our own HTML and go into pages as they are.

use std::fmt::Write as _;

use crmap_domain::Lang;
use leptos::prelude::*;

use super::legal::other_languages;
use super::{Frame, Head, Legal, Life, render, written};
use crate::data::Theme;
use crate::help::{Face, Notion};
use crate::say;
use crate::ui::Brand;

/// A chapter in each language.
type Chapter = [&'static str; Lang::ALL.len()];

const PAGE: Chapter = in_each_language!("help/page");
const IDS: Chapter = in_each_language!("help/ids");
const FUNNELS: Chapter = in_each_language!("help/funnels");
const FIELDS: Chapter = in_each_language!("help/fields");
const USERS: Chapter = in_each_language!("help/users");
const LINKING: Chapter = in_each_language!("help/linking");
const TROUBLE: Chapter = in_each_language!("help/trouble");
const START: Chapter = in_each_language!("help/start");
const DASHBOARD: Chapter = in_each_language!("help/dashboard");
const PORTAL: Chapter = in_each_language!("help/portal");
const COMPARE: Chapter = in_each_language!("help/compare");
const ACCOUNT: Chapter = in_each_language!("help/account");
const KEYS: Chapter = in_each_language!("help/keys");

const fn chapters(face: Face) -> &'static [Chapter] {
    match face {
        Face::Portal => &[PAGE, IDS, FUNNELS, FIELDS, USERS, LINKING, KEYS, TROUBLE],
        Face::Cabinet => &[
            START, LINKING, DASHBOARD, PORTAL, COMPARE, IDS, FUNNELS, FIELDS, USERS, KEYS, ACCOUNT,
        ],
    }
}

/// The texts of a face's chapters.
fn texts(face: Face, lang: Lang) -> impl Iterator<Item = &'static str> {
    let chapters = chapters(face).iter();
    chapters.map(move |chapter| chapter[lang as usize])
}

/// The page of help of a face.
#[must_use]
pub fn help(face: Face, lang: Lang, theme: Theme, frame: Frame<'_>) -> String {
    let title = [say!(lang, help), " — CRMAP"].concat();
    let head = Head {
        lang,
        title: &title,
        life: Life::Shown,
        theme,
    };
    written(head, frame, |html| {
        html.push_str("<div class=\"help\">");
        render(html, move || view! { <HelpHead face lang/> });
        write_contents(html, face, lang);
        html.push_str("<main class=\"help__text legal__text\" id=\"text\"><h1>");
        html.push_str(say!(lang, help));
        html.push_str("</h1>");
        texts(face, lang).for_each(|text| html.push_str(text));
        html.push_str("</main></div>");
    })
}

/// The product, the faces, what else there is to read, and the other languages.
#[component]
fn HelpHead(face: Face, lang: Lang) -> impl IntoView {
    let faces = Face::ALL.map(|one| {
        let words = match one {
            Face::Cabinet => say!(lang, help_cabinet),
            Face::Portal => say!(lang, help_portal),
        };
        let current = (one == face).then_some("page");
        view! { <a href=one.address(lang) aria-current=current>{words}</a> }
    });
    view! {
        <a class="skip" href="#text">{say!(lang, skip)}</a>
        <header class="help__head legal__head">
            <a class="help__brand" href="/dashboard" aria-label=say!(lang, help_to_cabinet)><Brand/></a>
            <nav class="legal__links" aria-label=say!(lang, help)>
                {faces.collect_view()}
                <a href=Legal::Support.address(lang)>{say!(lang, legal_support)}</a>
            </nav>
            {other_languages(lang, &|other| face.address(other))}
        </header>
    }
}

/// The headings of the page as links.
fn write_contents(html: &mut String, face: Face, lang: Lang) {
    let label = say!(lang, help_contents);
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "<nav class=\"help__contents\" aria-label=\"{label}\"><ul>"
    );
    for (id, is_chapter, title) in texts(face, lang).flat_map(headings) {
        let class = if is_chapter {
            ""
        } else {
            " class=\"help__part\""
        };
        let _ = write!(html, "<li{class}><a href=\"#{id}\">{title}</a></li>");
    }
    html.push_str("</ul></nav>");
}

/// The sections of a text: their ids, whether they are chapters, and their headings.
fn headings(text: &'static str) -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    text.split("<section id=\"").skip(1).filter_map(|section| {
        let (id, rest) = section.split_once("\">")?;
        let heading = rest.trim_start();
        let is_chapter = heading.starts_with("<h2>");
        Some((id, is_chapter, between(heading, ">", "</h")?))
    })
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// What is told of a notion where it stands: the heading of its section and the paragraph below.
#[must_use]
pub fn explanation(face: Face, notion: Notion, lang: Lang) -> Option<(&'static str, &'static str)> {
    let mark = format!("<section id=\"{}\">", notion.section());
    let section = texts(face, lang).find_map(|text| Some(text.split_once(&mark)?.1))?;
    let title = between(section.trim_start(), ">", "</h")?;
    Some((title, between(section, "<p>", "</p>")?))
}

/// Appends the explanations of `notions`, hidden until somebody asks for them. They stand beside what
/// is brought to life, not in it.
pub(super) fn write_explanations(html: &mut String, face: Face, notions: &[Notion], lang: Lang) {
    let (more, page) = (say!(lang, what_more), face.address(lang));
    for notion in notions {
        let Some((title, text)) = explanation(face, *notion, lang) else {
            continue;
        };
        let (id, section) = (notion.popover(), notion.section());
        // Writing to a string cannot fail.
        let _ = write!(
            html,
            "<div class=\"what-box\" id=\"{id}\" popover role=\"note\">\
             <p class=\"what-box__title\">{title}</p>\
             <p>{text}</p><a href=\"{page}#{section}\" target=\"_blank\">{more}</a></div>"
        );
    }
}
