//! What a browser makes of a page: its elements with their attributes, and its texts. As strict as
//! pages of ours are; what browsers would forgive is an error here.

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The beginning of an element: its name, and its attributes in their order.
    Open(String, Vec<(String, String)>),
    /// The end of one.
    Close(String),
    Text(String),
}

/// Elements whose content is text up to their end, as it is or with references.
const RAW: [&str; 2] = ["script", "style"];
const TEXT: [&str; 2] = ["textarea", "title"];

/// Takes a page apart.
pub fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap_or(html);
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        if end > 0 {
            pieces.push(Piece::Text(plain(&rest[..end])));
            rest = &rest[end..];
            continue;
        }
        if let Some(after) = rest.strip_prefix("<!") {
            rest = after_comment(after);
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').expect("an end of the end");
            pieces.push(Piece::Close(name.to_owned()));
            rest = after;
        } else {
            rest = open(&rest[1..], &mut pieces);
        }
    }
    pieces
}

/// The marks that Leptos leaves between texts are comments: `<!>` and `<!--…-->`.
fn after_comment(rest: &str) -> &str {
    if let Some(rest) = rest.strip_prefix('>') {
        return rest;
    }
    let rest = rest.strip_prefix("--").expect("a comment");
    rest.split_once("-->").expect("the end of a comment").1
}

fn open<'a>(rest: &'a str, pieces: &mut Vec<Piece>) -> &'a str {
    let end = rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
    let (name, mut rest) = rest.split_at(end.expect("the end of a name"));
    assert!(!name.is_empty(), "a sign that is not escaped: {rest:.40}");
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            pieces.push(Piece::Open(name.to_owned(), attributes));
            return content(name, after, pieces);
        }
        let (attribute, after) = attribute(rest);
        attributes.push(attribute);
        rest = after;
    }
}

fn attribute(rest: &str) -> ((String, String), &str) {
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || "-_:".contains(sign);
    let end = rest.find(|sign| !is_name(sign)).expect("the end of a name");
    assert!(end > 0, "not an attribute: {rest:.40}");
    let (name, rest) = rest.split_at(end);
    let Some(rest) = rest.strip_prefix("=\"") else {
        assert!(!rest.starts_with('='), "a value without quotes: {rest:.40}");
        return ((name.to_owned(), String::new()), rest);
    };
    let (value, rest) = rest.split_once('"').expect("the end of a value");
    ((name.to_owned(), plain(value)), rest)
}

fn content<'a>(name: &str, rest: &'a str, pieces: &mut Vec<Piece>) -> &'a str {
    if !RAW.contains(&name) && !TEXT.contains(&name) {
        return rest;
    }
    // A browser ends it here, whatever case the letters have.
    let end = format!("</{name}");
    let end = rest.to_ascii_lowercase().find(&end).expect("the end");
    let (text, rest) = rest.split_at(end);
    let text = if RAW.contains(&name) {
        text.to_owned()
    } else {
        plain(text)
    };
    pieces.push(Piece::Text(text));
    rest
}

/// A text without its references.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let known = [
            ("lt;", '<'),
            ("gt;", '>'),
            ("amp;", '&'),
            ("quot;", '"'),
            ("#x27;", '\''),
            ("#39;", '\''),
            ("nbsp;", '\u{a0}'),
        ];
        let known = known.iter().find(|(name, _)| after.starts_with(name));
        let (name, sign) = known.unwrap_or_else(|| panic!("«&» that is not escaped: {after:.20}"));
        plain.push(*sign);
        rest = &after[name.len()..];
    }
    plain.push_str(rest);
    plain
}

/// The value of an element's attribute.
pub fn value<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// The names of the fields of a form of the page that is posted to `action`; nothing where there is
/// no such form.
pub fn fields(html: &str, action: &str) -> Option<Vec<String>> {
    let mut fields = None::<Vec<String>>;
    let mut within = false;
    for piece in pieces(html) {
        match piece {
            Piece::Open(name, marks) if name == "form" => {
                within = value(&marks, "method") == Some("post")
                    && value(&marks, "action") == Some(action);
                if within {
                    fields = Some(Vec::new());
                }
            }
            Piece::Open(name, marks) if within && ["input", "button"].contains(&&*name) => {
                let named = value(&marks, "name").unwrap_or_default();
                fields.as_mut().unwrap().push(named.to_owned());
            }
            Piece::Close(name) if name == "form" => within = false,
            _ => {}
        }
    }
    fields
}

#[test]
fn a_page_is_taken_apart_as_a_browser_does_it() {
    let html = "<!DOCTYPE html><p class=\"a &quot;b\" hidden>1 &lt; 2<!>&amp;<!--x--></p>\
                <script>a<b</script><br/>";
    let open = |name: &str, marks: &[(&str, &str)]| {
        let marks = marks.iter();
        let marks = marks.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Piece::Open(name.to_owned(), marks.collect())
    };
    let text = |text: &str| Piece::Text(text.to_owned());
    assert_eq!(
        pieces(html),
        [
            open("p", &[("class", "a \"b"), ("hidden", "")]),
            text("1 < 2"),
            text("&"),
            Piece::Close("p".to_owned()),
            open("script", &[]),
            text("a<b"),
            Piece::Close("script".to_owned()),
            open("br", &[]),
        ]
    );
}
