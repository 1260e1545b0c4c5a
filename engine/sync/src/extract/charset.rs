//! From the bytes of a body to its text, in the charset that the answer says.

use encoding_rs::{Encoding, UTF_8};

use crate::http::Headers;

/// A body as a text.
pub(super) struct Decoded {
    /// Without what could not be read if there is such.
    pub(super) text: String,
    /// Why the text is not what was sent.
    pub(super) fault: Option<String>,
    /// How the body was written.
    pub(super) written: Written,
}

/// How a body was written: where a place of its text is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    encoding: &'static Encoding,
    /// Bytes of the mark at its beginning.
    mark: usize,
}

impl Written {
    /// Where the byte at `offset` of the body's text stands in the body.
    pub(super) fn offset_in_body(self, text: &str, offset: usize) -> usize {
        let before = text.get(..offset).unwrap_or(text);
        let bytes = match self.encoding {
            encoding if encoding == UTF_8 => offset,
            // What is decoded is not encoded to these any more.
            encoding if is_wide(encoding.name()) => before.encode_utf16().count() * 2,
            encoding => encoding.encode(before).0.len(),
        };
        self.mark + bytes
    }
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
            Some(text) => {
                let written = Written { encoding, mark: marked };
                Decoded { text: text.into_owned(), fault: None, written }
            }
            None => {
                let fault = format!("the answer is not {}, as its charset says", encoding.name());
                lossy(&body, fault)
            }
        },
        None => {
            let fault = format!("the answer is in the unknown charset `{}`", named.unwrap_or_default());
            lossy(&body, fault)
        }
    }
}

fn lossy(body: &[u8], fault: String) -> Decoded {
    let written = Written { encoding: UTF_8, mark: 0 };
    Decoded { text: String::from_utf8_lossy(body).into_owned(), fault: Some(fault), written }
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
        Ok(text) => Decoded { text, fault: None, written: Written { encoding: UTF_8, mark: marked } },
        Err(error) => {
            let fault = format!("the answer is not UTF-8 at byte {}", marked + error.utf8_error().valid_up_to());
            lossy(error.as_bytes(), fault)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;
    use crate::http::Headers;

    proptest! {
        #[test]
        fn a_place_of_the_text_is_found_in_the_body(before in "[a-zü€😀]{0,12}", after in "[a-zü]{0,4}") {
            let text = format!("{before}|{after}");
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let marked = |mark: &[u8], body: &[u8]| [mark, body].concat();
            for (body, bar) in [
                (text.as_bytes().to_vec(), 1),
                (marked(b"\xef\xbb\xbf", text.as_bytes()), 1),
                (marked(b"\xff\xfe", &wide), 2),
            ] {
                let decoded = decode(body.clone(), &Headers::default());
                prop_assert_eq!(&decoded.text, &text);
                let at = decoded.written.offset_in_body(&text, before.len());
                prop_assert_eq!(&body[at..at + bar][0], &b'|');
                prop_assert!(!body[..at].contains(&b'|'));
            }
        }

        #[test]
        fn so_it_is_in_a_body_of_one_byte_a_letter(before in "[a-zü]{0,12}") {
            let body: Vec<u8> = before.chars().chain("|ü".chars()).map(|letter| letter as u8).collect();
            let mut headers = Headers::default();
            headers.add("Content-Type", "text/csv; charset=iso-8859-1");
            let decoded = decode(body, &headers);
            prop_assert_eq!(decoded.written.offset_in_body(&decoded.text, before.len()), before.chars().count());
        }
    }
}
