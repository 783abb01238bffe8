//! Parameters of an address, written as forms are.

use std::fmt::Write as _;

/// `name=value&…`, by the rules of `application/x-www-form-urlencoded`.
pub(super) fn written(parameters: &[(&'static str, String)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        write_value(&mut query, value);
    }
    query
}

fn write_value(query: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b' ' => query.push('+'),
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                query.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(query, "%{byte:02X}");
            }
        }
    }
}
