//! From the bytes of a body to its text, in the charset that the answer says.

use encoding_rs::{Encoding, UTF_8};

use crate::http::Headers;

/// A body as a text.
pub(super) struct Decoded {
    /// Without what could not be read if there is such.
    pub(super) text: String,
    /// Why the text is not what was sent.
    pub(super) fault: Option<String>,
}

/// Reads a body: a mark at its beginning decides. What is UTF-8 is read as UTF-8 whatever `Content-Type` says,
/// for servers claim ISO-8859-1 of JSON that is not, and no text of another charset but ASCII is UTF-8 by
/// chance; only UTF-16 looks like it. What is not is in the charset that `Content-Type` names, or else the declaration
/// of an XML document.
pub(super) fn decode(body: Vec<u8>, headers: &Headers) -> Decoded {
    let named = headers.get("Content-Type").and_then(charset).or_else(|| declared(&body).filter(|name| !is_wide(name)));
    let named = named.map(str::to_owned);
    let named = named.as_deref();
    let (encoding, marked) = match (Encoding::for_bom(&body), named) {
        (Some((encoding, marked)), _) => (Some(encoding), marked),
        (None, Some(name)) if !is_wide(name) && std::str::from_utf8(&body).is_ok() => (Some(UTF_8), 0),
        (None, Some(name)) => (known(name), 0),
        (None, None) => (Some(UTF_8), 0),
    };
    match encoding {
        Some(encoding) if encoding == UTF_8 => utf8(body, marked),
        Some(encoding) => match encoding.decode_without_bom_handling_and_without_replacement(&body[marked..]) {
            Some(text) => Decoded { text: text.into_owned(), fault: None },
            None => {
                let fault = format!("the answer is not {}, as its charset says", encoding.name());
                Decoded { text: String::from_utf8_lossy(&body).into_owned(), fault: Some(fault) }
            }
        },
        None => {
            let fault = format!("the answer is in the unknown charset `{}`", named.unwrap_or_default());
            Decoded { text: String::from_utf8_lossy(&body).into_owned(), fault: Some(fault) }
        }
    }
}

/// The text of a body.
///
/// # Errors
/// Why it is none.
pub(crate) fn text_of(body: Vec<u8>, headers: &Headers) -> Result<String, String> {
    let decoded = decode(body, headers);
    decoded.fault.map_or(Ok(decoded.text), Err)
}

fn utf8(mut body: Vec<u8>, marked: usize) -> Decoded {
    body.drain(..marked);
    match String::from_utf8(body) {
        Ok(text) => Decoded { text, fault: None },
        Err(error) => {
            let fault = format!("the answer is not UTF-8 at byte {}", error.utf8_error().valid_up_to());
            Decoded { text: String::from_utf8_lossy(error.as_bytes()).into_owned(), fault: Some(fault) }
        }
    }
}

/// The encoding of a label. ASCII is read as UTF-8, which it is a part of.
fn known(label: &str) -> Option<&'static Encoding> {
    match label.to_ascii_lowercase().as_str() {
        "ascii" | "us-ascii" => Some(UTF_8),
        label => Encoding::for_label(label.as_bytes()),
    }
}

/// What an XML document says of its own encoding.
fn declared(body: &[u8]) -> Option<&str> {
    let declaration = body.strip_prefix(b"<?xml")?;
    let end = declaration.iter().take(200).position(|byte| *byte == b'>')?;
    let (_, encoding) = std::str::from_utf8(&declaration[..end]).ok()?.split_once("encoding")?;
    let quoted = encoding.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    quoted[1..].split(quote).next()
}

fn is_wide(label: &str) -> bool {
    known(label).is_some_and(|encoding| !encoding.is_ascii_compatible())
}

fn charset(content_type: &str) -> Option<&str> {
    let params = content_type.split(';').skip(1).filter_map(|param| param.split_once('='));
    let mut charsets = params.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.next().map(|(_, value)| value.trim().trim_matches('"')).filter(|value| !value.is_empty())
}
