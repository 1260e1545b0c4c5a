//! How requests are authenticated, for the page.

use tapwright_spec::model::{Algorithm, Auth, Grant, Hash, KeyPlace, Scheme, Sent, Signature};

use crate::markdown::code;
use crate::replication::listed;
use crate::snapshot::request_line;

/// How requests are authenticated, in a few words of Markdown.
pub fn authentication(auth: &Auth) -> String {
    match auth {
        Auth::Always(schemes) => together(schemes),
        Auth::ByConfig { field, cases } => {
            let cases: Vec<String> =
                cases.iter().map(|(value, schemes)| format!("{}: {}", code(value), together(schemes))).collect();
            format!("By {} — {}", code(field), cases.join("; "))
        }
    }
}

fn together(schemes: &[Scheme]) -> String {
    match schemes {
        [] => "None".to_owned(),
        schemes => schemes.iter().map(scheme).collect::<Vec<_>>().join(" and "),
    }
}

/// The kinds of credentials, of which one or all are needed: a word each, for a list to be filtered by.
pub(crate) fn kinds(auth: &Auth) -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = auth.schemes().into_iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() { vec!["None"] } else { kinds }
}

fn kind(scheme: &Scheme) -> &'static str {
    match scheme {
        Scheme::Basic { .. } => "HTTP Basic",
        Scheme::Bearer { .. } => "Bearer token",
        Scheme::ApiKey { .. } => "API key",
        Scheme::OAuth1 { .. } => "OAuth 1.0a",
        Scheme::OAuth2(_) => "OAuth 2.0",
        Scheme::Jwt(_) => "JSON Web Token",
        Scheme::Session(_) => "Session",
        Scheme::Hmac(_) | Scheme::Hook(_) => "Signature",
    }
}

fn scheme(scheme: &Scheme) -> String {
    match scheme {
        Scheme::Basic { .. } => "HTTP Basic".to_owned(),
        Scheme::Bearer { .. } => "Bearer token".to_owned(),
        Scheme::ApiKey { place, .. } => format!("API key {}", within(place)),
        Scheme::OAuth1 { signature, .. } => match signature {
            Signature::HmacSha1 => "OAuth 1.0a (HMAC-SHA1)".to_owned(),
            Signature::HmacSha256 => "OAuth 1.0a (HMAC-SHA256)".to_owned(),
            Signature::Plaintext => "OAuth 1.0a (PLAINTEXT)".to_owned(),
        },
        Scheme::Jwt(jwt) => {
            let algorithm = match jwt.algorithm {
                Algorithm::Hs256 => "HS256",
                Algorithm::Rs256 => "RS256",
                Algorithm::Es256 => "ES256",
            };
            format!("JSON Web Token ({algorithm}){}", elsewhere(&jwt.send))
        }
        Scheme::Session(session) => {
            let login: Vec<String> = session.login.iter().map(|step| request_line(&step.request)).collect();
            let kind = match (session.cookies, session.send.is_empty()) {
                (true, true) => "with cookies",
                (true, false) => "with cookies and a token",
                (false, _) => "with a token",
            };
            format!("Session {kind}{}, begun by {}", elsewhere(&session.send), listed(&login))
        }
        Scheme::Hook(hook) => format!("Signature by the hook {}", code(&hook.name)),
        Scheme::Hmac(hmac) => {
            let hash = match hmac.algorithm {
                Hash::Sha1 => "SHA-1",
                Hash::Sha256 => "SHA-256",
                Hash::Sha512 => "SHA-512",
            };
            format!("Signature by HMAC ({hash}){}", elsewhere(&hmac.send))
        }
        Scheme::OAuth2(oauth) => {
            let grant = match oauth.grant {
                Grant::ClientCredentials => "client credentials",
                Grant::Password { .. } => "user name and password",
                Grant::RefreshToken { .. } => "refresh token",
                Grant::AuthorizationCode(_) => "authorization code; log in once with `tapwright login SPEC`",
                Grant::JwtBearer { .. } => "signed assertion",
            };
            format!("OAuth 2.0 ({grant}){}", elsewhere(&oauth.send))
        }
    }
}

fn within(place: &KeyPlace) -> String {
    match place {
        KeyPlace::Header(name) => format!("in the header {}", code(name)),
        KeyPlace::Query(name) => format!("in the parameter {}", code(name)),
        KeyPlace::Body(name) => format!("in the body, as {}", code(name)),
        KeyPlace::Cookie(name) => format!("in the cookie {}", code(name)),
    }
}

/// Where a token goes that is no bearer token.
fn elsewhere(sent: &[Sent]) -> String {
    let usual = |place: &KeyPlace| matches!(place, KeyPlace::Header(name) if name == "Authorization");
    let places: Vec<String> = sent.iter().filter(|one| !usual(&one.place)).map(|one| within(&one.place)).collect();
    if places.is_empty() { String::new() } else { format!(", {}", places.join(" and ")) }
}
