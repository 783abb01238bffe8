//! The sheet of all keys that work on the pages of a face. The server writes it behind the page, so
//! that no module carries its words.

use std::fmt::Write as _;
use std::sync::OnceLock;

use crmap_domain::Lang;

use crate::browser::SILENT;
use crate::data::SingleKeys;
use crate::help::Face;
use crate::say;
use crate::ui::KEYS;

/// The sheet as HTML, written once for each face, language and choice.
pub(super) fn sheet(face: Face, lang: Lang, keys: SingleKeys) -> &'static str {
    const LANGS: usize = Lang::ALL.len();
    static SHEETS: [[[OnceLock<String>; 2]; LANGS]; 2] =
        [const { [const { [const { OnceLock::new() }; 2] }; LANGS] }; 2];
    let of_face = &SHEETS[usize::from(face == Face::Cabinet)];
    of_face[lang as usize][keys as usize].get_or_init(|| written(face, lang, keys))
}

/// Keys that do one thing: pressed together, or one of several.
struct Line {
    keys: &'static str,
    does: &'static str,
}

const fn line(keys: &'static str, does: &'static str) -> Line {
    Line { keys, does }
}

fn groups(face: Face, lang: Lang) -> Vec<(&'static str, Vec<Line>)> {
    let anywhere = vec![
        line("Ctrl+K ⌘+K", say!(lang, keys_palette)),
        line("/", say!(lang, keys_search)),
        line("?", say!(lang, keys_sheet)),
        line("Esc", say!(lang, keys_escape)),
    ];
    let sections = vec![
        line("← →", say!(lang, keys_step)),
        line("Home End", say!(lang, keys_ends)),
        line("Enter", say!(lang, keys_copy)),
    ];
    let mut groups = vec![
        (say!(lang, keys_anywhere), anywhere),
        (say!(lang, keys_sections), sections),
    ];
    if face == Face::Cabinet {
        let pick = line(say!(lang, keys_space), say!(lang, keys_pick));
        groups.push((say!(lang, keys_dashboard), vec![pick]));
        let results = vec![
            line("↓ ↑", say!(lang, keys_results_step)),
            line("Enter", say!(lang, keys_results_open)),
        ];
        groups.push((say!(lang, keys_results), results));
    }
    groups
}

/// Closed by its own form: it needs no script but the one that shows it.
fn written(face: Face, lang: Lang, keys: SingleKeys) -> String {
    let (title, close) = (say!(lang, keys_title), say!(lang, close));
    // No page inside a portal leaves anything behind.
    let silent = match face {
        Face::Cabinet => say!(lang, keys_silent),
        Face::Portal => say!(lang, keys_silent_here),
    };
    let mut html = format!(
        "<dialog class=\"dialog keys\" id=\"{KEYS}\" aria-labelledby=\"{KEYS}-title\">\
         <form class=\"dialog__head\" method=\"dialog\">\
         <h2 class=\"dialog__title\" id=\"{KEYS}-title\">{title}</h2>\
         <button class=\"dialog__close keys__close\" aria-label=\"{close}\"></button></form>\
         <div class=\"dialog__body keys__body\">"
    );
    for (title, lines) in groups(face, lang) {
        let _ = write!(html, "<section><h3 class=\"keys__title\">{title}</h3><dl>");
        for Line { keys, does } in lines {
            let _ = write!(html, "<div class=\"keys__line\"><dt>{does}</dt><dd>");
            for keys in keys.split(' ') {
                html.push_str("<span>");
                for (index, key) in keys.split('+').enumerate() {
                    let joint = if index > 0 { "+" } else { "" };
                    let _ = write!(html, "{joint}<kbd>{key}</kbd>");
                }
                html.push_str("</span> ");
            }
            html.push_str("</dd></div>");
        }
        html.push_str("</dl></section>");
    }
    let checked = match keys {
        SingleKeys::On => "",
        SingleKeys::Off => " checked",
    };
    let _ = write!(
        html,
        "<label class=\"keys__silent\">\
         <input type=\"checkbox\" id=\"{SILENT}\" name=\"{SILENT}\"{checked}> {silent}</label>\
         </div></dialog>"
    );
    html
}
