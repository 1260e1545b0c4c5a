//! Tokens that the engine signs itself.

use super::Sent;
use crate::expression::Template;

/// A JSON Web Token.
#[derive(Debug, Clone)]
pub struct Jwt {
    /// How to sign.
    pub algorithm: Algorithm,
    /// A secret text, or a private key in PKCS #8 as PEM.
    pub key: Template,
    /// Which key it is, for the API: `kid`.
    pub key_id: Option<Template>,
    /// Claims beside `iat` and `exp`, as texts, in order.
    pub claims: Vec<(String, Template)>,
    /// How long after `iat` it expires.
    pub valid_for: std::time::Duration,
    /// Where it goes, as `token`.
    pub send: Vec<Sent>,
}

/// How a JSON Web Token is signed (RFC 7518 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}
