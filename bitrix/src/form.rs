//! Urlencoded forms, read strictly: bounded in number and length, and nothing but text in UTF-8
//! (SEC-01). It knows no field.

pub(crate) const LARGEST_BODY: usize = 64 * 1024;
pub(crate) const MOST_FIELDS: usize = 64;
pub(crate) const LARGEST_FIELD: usize = 4 * 1024;

/// Why something is not a form that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormError {
    /// There are more fields than allowed.
    TooManyFields,
    /// A name or a value is longer than [`LARGEST_FIELD`].
    FieldTooLong,
    /// Something is not text in UTF-8, or contains a zero byte.
    NotText,
}

/// The fields in their order, at most `most` of them.
pub(crate) fn fields(encoded: &[u8], most: usize) -> Result<Vec<(String, String)>, FormError> {
    let mut fields = Vec::new();
    for pair in encoded
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        if fields.len() >= most {
            return Err(FormError::TooManyFields);
        }
        let at = pair
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let name = decoded(name)?;
        let value = decoded(value.get(1..).unwrap_or_default())?;
        if name.len() > LARGEST_FIELD || value.len() > LARGEST_FIELD {
            return Err(FormError::FieldTooLong);
        }
        fields.push((name, value));
    }
    Ok(fields)
}

/// Percent codes and pluses resolved; strict about UTF-8, unlike decoders that replace.
fn decoded(encoded: &[u8]) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next())?, hex(rest.next())?);
                high * 16 + low
            }
            byte => *byte,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| FormError::NotText)?;
    if text.contains('\0') {
        Err(FormError::NotText)
    } else {
        Ok(text)
    }
}

fn hex(digit: Option<&u8>) -> Result<u8, FormError> {
    let digit = digit.and_then(|digit| char::from(*digit).to_digit(16));
    digit
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or(FormError::NotText)
}
