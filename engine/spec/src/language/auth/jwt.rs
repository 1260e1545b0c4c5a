//! Tokens that are signed here.

use super::{SendTokens, Template};
use crate::grammar::{self, At, Map, Text, record, words};
use crate::model;

record! {
    /// A JSON Web Token (RFC 7519) that is signed here. It says `iat` and `exp`
    /// by itself, serves many requests, and is signed anew shortly before it expires.
    Jwt = "jwt";
    /// How to sign.
    algorithm: required At<model::Algorithm>,
    /// For `hs256` the secret, for the others the private key in PKCS #8 as PEM (`-----BEGIN PRIVATE KEY-----`).
    key: required Template,
    /// Which key it is: the header `kid`.
    key_id: optional Template,
    /// Claims such as `iss` and `sub`; their values are texts.
    claims: optional Map<Template>,
    /// How long it is valid; default `5 minutes`.
    valid_for: optional Text<grammar::Duration>,
    /// Where it goes, as `token`; default `{header: Authorization, value: "Bearer {{ token }}"}`.
    send: optional SendTokens,
}

words! {
    /// How a JSON Web Token is signed.
    model::Algorithm = "algorithm" {
        /// HMAC with SHA-256.
        "hs256" => model::Algorithm::Hs256,
        /// RSA with SHA-256.
        "rs256" => model::Algorithm::Rs256,
        /// ECDSA on P-256 with SHA-256.
        "es256" => model::Algorithm::Es256,
    }
}
