//! How an access token of OAuth 2.0 is had.

use super::{Jwt, Sent};
use crate::expression::Template;
use crate::path::Path;

/// How an access token is had.
#[derive(Debug, Clone)]
pub struct OAuth2 {
    /// In exchange for what.
    pub grant: Grant,
    /// The token endpoint, an absolute URL.
    pub token_url: Template,
    /// Identifier of the client; for a signed token there need be none.
    pub client_id: Option<Template>,
    /// Secret of the client; a public client has none.
    pub client_secret: Option<Template>,
    /// What access is asked for.
    pub scope: Option<Template>,
    /// Where the client's identifier and secret go.
    pub client_auth: ClientPlace,
    /// More parameters of the token request, in order.
    pub params: Vec<(String, Template)>,
    /// More headers of the token request, in order.
    pub headers: Vec<(String, Template)>,
    /// How the parameters are written.
    pub body: TokenBody,
    /// Where the answer has what it gives.
    pub answer: TokenAnswer,
    /// Where the access token goes, as `token`.
    pub send: Vec<Sent>,
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
    /// RFC 6749 section 4.1: a person allows it in a browser.
    AuthorizationCode(Box<Authorize>),
    /// RFC 7523: a token that is signed by the engine.
    JwtBearer {
        /// What is signed.
        assertion: Jwt,
    },
}

/// How a person allows access.
#[derive(Debug, Clone)]
pub struct Authorize {
    /// Where, an absolute URL.
    pub url: Template,
    /// More parameters of that address, in order.
    pub params: Vec<(String, Template)>,
    /// How the code is bound to this program.
    pub pkce: Pkce,
    /// The address on this machine to which the browser comes back, if the API must know it.
    pub redirect_url: Option<String>,
}

/// How a code is bound to the program that asked for it (RFC 7636).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pkce {
    /// By the SHA-256 of a random text.
    #[default]
    S256,
    /// Not at all.
    None,
}

/// How the parameters of a token request are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenBody {
    /// As a form.
    #[default]
    Form,
    /// As a JSON object.
    Json,
}

/// Where the answer of a token endpoint has what it gives; a path that is named must lead somewhere.
#[derive(Debug, Clone, Default)]
pub struct TokenAnswer {
    /// The access token; otherwise `access_token`.
    pub token: Option<Path>,
    /// The next refresh token; otherwise `refresh_token`, if it is there.
    pub refresh_token: Option<Path>,
    /// Its life in seconds; otherwise `expires_in`, if it is there.
    pub expires_in: Option<Path>,
    /// Its end, RFC 3339 or a Unix time.
    pub expires_at: Option<Path>,
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
