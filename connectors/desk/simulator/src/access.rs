//! Who may come in: agents by password, applications by OAuth 1.0a, the portal by its token.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::oauth::{self, Signed};
use crate::options::Credentials;
use crate::query::Query;

/// The parts of a request that credentials depend on.
pub(crate) struct Caller<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) headers: &'a HeaderMap,
}

/// Lets the caller in, or says why not. The words of Desk's own refusal are not known.
pub(crate) fn admit(caller: &Caller<'_>, known: &Credentials) -> Result<(), &'static str> {
    let text = |name| caller.headers.get(name).and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = text(AUTHORIZATION).and_then(|header| header.split_once(' ')) else {
        return Err("no credentials");
    };
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => {
            let expected = format!("{}:{}", known.user, known.password);
            let sent = STANDARD.decode(rest.trim()).unwrap_or_default();
            (sent == expected.as_bytes()).then_some(()).ok_or("wrong e-mail or password")
        }
        "bearer" => (rest.trim() == known.bearer).then_some(()).ok_or("unknown bearer token"),
        "oauth" => {
            let signed = Signed {
                method: caller.method,
                host: text(HOST).unwrap_or_default(),
                path: caller.path,
                query: caller.query,
            };
            oauth::verify(&signed, rest, known)
        }
        _ => Err("unknown kind of credentials"),
    }
}
