//! Requests that are signed here.

use super::{SendTokens, Template};
use crate::grammar::{At, Map, record, words};
use crate::model;

record! {
    /// A signature of each request (HMAC, RFC 2104) with a key that the API knows too. Every try is signed anew, after
    /// all other credentials have their places. The names in its templates, beside `config`, are `now`, `timestamp` and
    /// `timestamp_ms` (the moment of the try; its Unix time in seconds and in milliseconds), `nonce` (a text that no
    /// other try has) and, where it says so, `request` and `signature`.
    Hmac = "hmac";
    /// The hash function.
    algorithm: required At<model::Hash>,
    /// The key.
    key: required Template,
    /// How the key is written; default `text`.
    key_encoding: optional At<model::KeyEncoding>,
    /// What is signed. `request` has `method`, `url`, `host`, `path`, `query` (without `?`), `target` (path and query as
    /// they stand in the request line), `body` and `body_sha256` (in hex), as they are sent.
    message: required Template,
    /// How the signature is written; default `hex`.
    encoding: optional At<model::Encoding>,
    /// Query parameters that each request gets before it is signed, such as `{timestamp: "{{ timestamp_ms }}"}`.
    params: optional Map<Template>,
    /// Headers that each request gets, such as `{X-Timestamp: "{{ timestamp }}"}`; `request` may stand in them.
    headers: optional Map<Template>,
    /// Where the signature goes, as `signature`.
    send: required SendTokens,
}

words! {
    /// Hash functions.
    model::Hash = "hash function" {
        /// SHA-256.
        "sha256" => model::Hash::Sha256,
        /// SHA-512.
        "sha512" => model::Hash::Sha512,
        /// SHA-1, for APIs that know nothing better.
        "sha1" => model::Hash::Sha1,
    }
}

words! {
    /// How a key is written.
    model::KeyEncoding = "encoding of a key" {
        /// The key is the text itself.
        "text" => model::KeyEncoding::Text,
        /// The text is the key in hex.
        "hex" => model::KeyEncoding::Hex,
        /// The text is the key in base64.
        "base64" => model::KeyEncoding::Base64,
    }
}

words! {
    /// How a signature is written.
    model::Encoding = "encoding of a signature" {
        /// In hex, in lower case.
        "hex" => model::Encoding::Hex,
        /// In base64.
        "base64" => model::Encoding::Base64,
    }
}
