//! Putting texts into HTML: escaping, and templates with `{{names}}`.

/// A text as HTML, good between tags and inside double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
    written
}

/// Fills the `{{names}}` of a template with HTML; what it fills in is not looked at again.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut written = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        written.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            break;
        };
        let value = values
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value);
        written.push_str(value.map_or("", String::as_str));
        rest = tail;
    }
    written.push_str(rest);
    written
}
