//! Filters of URLs.

use minijinja::Value;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::text;

/// What RFC 3986 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn encode(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(utf8_percent_encode(&text(value), RESERVED).to_string()))
}

pub(super) fn decode(value: &Value, _: &[Value]) -> Result<Value, String> {
    let text = text(value);
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(|text| Value::from(&*text)).map_err(|_| "what comes out is no UTF-8".to_owned())
}

pub(super) fn host(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(url(value)?.host_str().map_or_else(|| Value::from(()), Value::from))
}

pub(super) fn path(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(url(value)?.path()))
}

pub(super) fn query_param(value: &Value, given: &[Value]) -> Result<Value, String> {
    let (url, name) = (url(value)?, text(&given[0]));
    let found = url.query_pairs().find(|(known, _)| *known == name);
    Ok(found.map_or_else(|| Value::from(()), |(_, value)| Value::from(&*value)))
}

/// A URL, or what stands in one behind the host.
fn url(value: &Value) -> Result<Url, String> {
    let text = text(value);
    let read = Url::parse(&text).or_else(|error| match text.starts_with(['/', '?']) {
        true => Url::parse("data:/").and_then(|base| base.join(&text)),
        false => Err(error),
    });
    read.map_err(|_| format!("`{text}` is no URL"))
}
