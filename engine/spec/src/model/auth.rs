//! How requests are authenticated.

mod hmac;
mod jwt;
mod oauth2;
mod session;

pub use hmac::{Encoding, Hash, Hmac, KeyEncoding};
pub use jwt::{Algorithm, Jwt};
pub use oauth2::{Authorize, ClientPlace, Grant, OAuth2, Pkce, TokenAnswer, TokenBody};
pub use session::{Kept, LoginStep, Session};

use super::NamedHook;
use crate::expression::Template;

/// How requests are authenticated.
#[derive(Debug, Clone)]
pub enum Auth {
    /// With all of these; with none of them there are no credentials.
    Always(Vec<Scheme>),
    /// As a config field says.
    ByConfig {
        /// Name of the field, an enum that always has a value.
        field: String,
        /// Schemes for each of its values, in the order of the spec.
        cases: Vec<(String, Vec<Scheme>)>,
    },
}

/// One way to authenticate a request.
#[derive(Debug, Clone)]
pub enum Scheme {
    /// HTTP Basic.
    Basic {
        /// User name.
        username: Template,
        /// Password; may be empty.
        password: Template,
    },
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token.
        token: Template,
    },
    /// A key that goes with every request.
    ApiKey {
        /// Where the key goes.
        place: KeyPlace,
        /// The key.
        value: Template,
    },
    /// OAuth 1.0a (RFC 5849), one legged or with a token at hand.
    OAuth1 {
        /// Consumer key.
        consumer_key: Template,
        /// Consumer secret.
        consumer_secret: Template,
        /// Access token.
        token: Template,
        /// Secret of the access token.
        token_secret: Template,
        /// How to sign.
        signature: Signature,
    },
    /// OAuth 2.0 (RFC 6749): a token that the engine fetches and renews.
    OAuth2(Box<OAuth2>),
    /// A token that the engine signs itself (RFC 7519).
    Jwt(Box<Jwt>),
    /// What a login gives.
    Session(Box<Session>),
    /// A signature of the request.
    Hmac(Box<Hmac>),
    /// What a hook makes of the request.
    Hook(NamedHook),
}

impl Auth {
    /// The schemes of every configuration.
    pub fn schemes(&self) -> Vec<&Scheme> {
        match self {
            Auth::Always(schemes) => schemes.iter().collect(),
            Auth::ByConfig { cases, .. } => cases.iter().flat_map(|(_, schemes)| schemes).collect(),
        }
    }

    /// How a person logs in, in some configuration.
    pub fn login(&self) -> Option<&Authorize> {
        self.schemes().into_iter().find_map(|scheme| match scheme {
            Scheme::OAuth2(oauth) => match &oauth.grant {
                Grant::AuthorizationCode(authorize) => Some(&**authorize),
                _ => None,
            },
            _ => None,
        })
    }
}

impl Scheme {
    /// The hook that signs, if one does.
    pub fn hook(&self) -> Option<&NamedHook> {
        match self {
            Scheme::Hook(hook) => Some(hook),
            _ => None,
        }
    }

    /// Where a request carries it, as far as the spec says so.
    pub fn places(&self) -> Vec<KeyPlace> {
        let of = |sent: &[Sent]| sent.iter().map(|one| one.place.clone()).collect::<Vec<_>>();
        match self {
            Scheme::Basic { .. } | Scheme::Bearer { .. } | Scheme::OAuth1 { .. } => {
                vec![KeyPlace::Header("Authorization".to_owned())]
            }
            Scheme::ApiKey { place, .. } => vec![place.clone()],
            Scheme::OAuth2(oauth) => of(&oauth.send),
            Scheme::Jwt(jwt) => of(&jwt.send),
            Scheme::Session(session) => of(&session.send),
            Scheme::Hmac(hmac) => {
                let params = hmac.params.iter().map(|(name, _)| KeyPlace::Query(name.clone()));
                let headers = hmac.headers.iter().map(|(name, _)| KeyPlace::Header(name.clone()));
                params.chain(headers).chain(of(&hmac.send)).collect()
            }
            Scheme::Hook(_) => Vec::new(),
        }
    }
}

/// Where a token or a signature goes, and as what.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Where it goes.
    pub place: KeyPlace,
    /// What goes there; its names are those of the scheme.
    pub value: Template,
}

/// Where a key goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In this header.
    Header(String),
    /// In this query parameter.
    Query(String),
    /// In this member of the JSON body; every request is a `POST` whose body is an object or absent.
    Body(String),
    /// In this cookie.
    Cookie(String),
}

/// How OAuth 1.0a signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signature {
    /// RFC 5849 section 3.4.2.
    #[default]
    HmacSha1,
    /// The same with SHA-256.
    HmacSha256,
    /// RFC 5849 section 3.4.4.
    Plaintext,
}
