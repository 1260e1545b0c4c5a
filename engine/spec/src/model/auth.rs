//! How requests are authenticated.

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
    /// OAuth 2.0 (RFC 6749): a bearer token that the engine fetches and renews.
    OAuth2(Box<OAuth2>),
    /// A bearer token that the engine signs itself (RFC 7519).
    Jwt(Box<Jwt>),
}

/// A JSON Web Token that goes as a bearer token.
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

/// How an access token is had.
#[derive(Debug, Clone)]
pub struct OAuth2 {
    /// In exchange for what.
    pub grant: Grant,
    /// The token endpoint, an absolute URL.
    pub token_url: Template,
    /// Identifier of the client.
    pub client_id: Template,
    /// Secret of the client; a public client has none.
    pub client_secret: Option<Template>,
    /// What access is asked for.
    pub scope: Option<Template>,
    /// Where the client's identifier and secret go.
    pub send: ClientPlace,
    /// More parameters of the token request, in order.
    pub params: Vec<(String, Template)>,
}

/// In exchange for what a token is given.
#[derive(Debug, Clone)]
pub enum Grant {
    /// RFC 6749 section 4.4: the client itself.
    ClientCredentials,
    /// RFC 6749 section 4.3.
    Password {
        /// The user's name.
        username: Template,
        /// The user's password.
        password: Template,
    },
    /// RFC 6749 section 6; the answer may replace the token.
    RefreshToken {
        /// The first refresh token.
        refresh_token: Template,
    },
}

/// Where a token request carries the client's identifier and secret (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientPlace {
    /// As HTTP Basic.
    #[default]
    Basic,
    /// In the body.
    Body,
}

/// Where an API key goes.
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
    /// RFC 5849 section 3.4.4.
    Plaintext,
}
