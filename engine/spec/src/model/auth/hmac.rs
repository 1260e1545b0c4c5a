//! Requests that the engine signs.

use super::Sent;
use crate::expression::Template;

/// A signature of each request (RFC 2104).
#[derive(Debug, Clone)]
pub struct Hmac {
    /// The hash function.
    pub algorithm: Hash,
    /// The key, as `key_encoding` says.
    pub key: Template,
    /// How the key is written.
    pub key_encoding: KeyEncoding,
    /// What is signed.
    pub message: Template,
    /// How the signature is written.
    pub encoding: Encoding,
    /// Query parameters that are set before the request is signed, in order.
    pub params: Vec<(String, Template)>,
    /// Headers that are set, in order.
    pub headers: Vec<(String, Template)>,
    /// Where it goes, as `signature`.
    pub send: Vec<Sent>,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyEncoding {
    /// As it is.
    #[default]
    Text,
    /// In hex.
    Hex,
    /// In base64.
    Base64,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// In hex, in lower case.
    #[default]
    Hex,
    /// In base64.
    Base64,
}
