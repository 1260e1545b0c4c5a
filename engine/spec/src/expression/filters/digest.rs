//! Filters of JSON, base64 and hashes.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use md5::Digest;
use minijinja::Value;

use super::super::digits::{of_tree, to_tree};
use super::text;
use crate::exact;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

pub(super) fn to_json(value: &Value, _: &[Value]) -> Result<Value, String> {
    to_tree(value).map(|tree| Value::from(exact::write(&tree)))
}

pub(super) fn from_json(value: &Value, _: &[Value]) -> Result<Value, String> {
    let tree = exact::read(&text(value)).map_err(|error| format!("this is no JSON: {error}"))?;
    Ok(of_tree(&tree))
}

pub(super) fn base64_encode(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(Value::from(PLAIN.encode(text(value))))
}

pub(super) fn base64_decode(value: &Value, _: &[Value]) -> Result<Value, String> {
    let text = text(value);
    let bytes = PLAIN.decode(&text).or_else(|_| FOR_URLS.decode(&text)).map_err(|_| "this is no base64".to_owned())?;
    String::from_utf8(bytes).map(Value::from).map_err(|_| "what comes out is no text in UTF-8".to_owned())
}

pub(super) fn md5(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(hex(&md5::Md5::digest(text(value))))
}

pub(super) fn sha1(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(hex(&sha1::Sha1::digest(text(value))))
}

pub(super) fn sha256(value: &Value, _: &[Value]) -> Result<Value, String> {
    Ok(hex(&sha2::Sha256::digest(text(value))))
}

pub(super) fn hmac_sha256(value: &Value, given: &[Value]) -> Result<Value, String> {
    let keyed = Hmac::<sha2::Sha256>::new_from_slice(text(&given[0]).as_bytes());
    let mut mac = keyed.map_err(|error| error.to_string())?;
    mac.update(text(value).as_bytes());
    Ok(hex(&mac.finalize().into_bytes()))
}

fn hex(bytes: &[u8]) -> Value {
    use std::fmt::Write;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    Value::from(out)
}
