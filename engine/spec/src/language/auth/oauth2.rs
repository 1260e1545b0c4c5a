//! OAuth 2.0: how an access token is had, and where it goes.

use super::{Jwt, SendTokens, Template};
use crate::grammar::{self, At, Map, Text, record, words};
use crate::model;

type Path = Text<grammar::Path>;

record! {
    /// OAuth 2.0 (RFC 6749). The access token is fetched before the first request, goes with each of them, is fetched
    /// anew shortly before it expires, and once when the API answers 401; then the request is sent again.
    OAuth2 = "oauth2";
    /// In exchange for what the token is given.
    grant: required At<GrantWord>,
    /// The token endpoint: an absolute URL. The client's secret goes to this host and to no other.
    token_url: required Template,
    /// Identifier of the client; every grant but `jwt_bearer` needs it.
    client_id: optional Template,
    /// Secret of the client; a public client has none.
    client_secret: optional Template,
    /// Where the client's identifier and secret go; default `basic`. Without a secret the identifier goes in the body.
    client_auth: optional At<model::ClientPlace>,
    /// What access is asked for; several are separated by spaces.
    scope: optional Template,
    /// The user's name, for the grant `password`.
    username: optional Template,
    /// The user's password, for the grant `password`.
    password: optional Template,
    /// The first refresh token, for the grant `refresh_token`. If the API replaces it, the new one is kept on this
    /// machine before it is used: in a file that only its owner may read, in the folder `TAPWRIGHT_STATE_DIR`, by
    /// default `~/.local/state/tapwright`. Another refresh token in the configuration takes its place.
    refresh_token: optional Template,
    /// Where a person allows access, for the grant `authorization_code`: an absolute URL.
    authorize_url: optional Template,
    /// More parameters of that address, such as `access_type: offline`.
    authorize_params: optional Map<Template>,
    /// Whether the code is bound to this program (RFC 7636); default `s256`.
    pkce: optional At<model::Pkce>,
    /// The address on this machine to which the browser comes back, where the API must know it beforehand, such as
    /// `http://localhost:8400/callback`; without a port there it takes a free one. Default `http://127.0.0.1/callback`.
    redirect_url: optional Text<grammar::Url>,
    /// What is signed, for the grant `jwt_bearer`; its `aud` is mostly the `token_url`.
    assertion: optional Jwt,
    /// More parameters of the token request, such as `audience`.
    params: optional Map<Template>,
    /// More headers of the token request.
    headers: optional Map<Template>,
    /// How the parameters of the token request are written; default `form`.
    body: optional At<model::TokenBody>,
    /// Where the answer has what RFC 6749 has at `$.access_token`, `$.refresh_token` and `$.expires_in`.
    answer: optional TokenAnswer,
    /// Where the access token goes, as `token`; default `{header: Authorization, value: "Bearer {{ token }}"}`.
    send: optional SendTokens,
}

/// In exchange for what a token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantWord {
    ClientCredentials,
    Password,
    RefreshToken,
    AuthorizationCode,
    JwtBearer,
}

words! {
    /// Grants of OAuth 2.0.
    GrantWord = "grant" {
        /// The client's own identifier and secret (section 4.4).
        "client_credentials" => GrantWord::ClientCredentials,
        /// A user's name and password (section 4.3).
        "password" => GrantWord::Password,
        /// A refresh token (section 6).
        "refresh_token" => GrantWord::RefreshToken,
        /// A person allows it, once, in a browser: `tapwright login SPEC` (section 4.1). What the login gives is kept on
        /// this machine, as a replaced refresh token is.
        "authorization_code" => GrantWord::AuthorizationCode,
        /// A JSON Web Token that is signed here (RFC 7523), as for service accounts.
        "jwt_bearer" => GrantWord::JwtBearer,
    }
}

words! {
    /// Where the client's identifier and secret go.
    model::ClientPlace = "place for the client's secret" {
        /// In the header `Authorization`, as HTTP Basic.
        "basic" => model::ClientPlace::Basic,
        /// In the body, as `client_id` and `client_secret`.
        "body" => model::ClientPlace::Body,
    }
}

words! {
    /// How a code is bound to the program that asked for it.
    model::Pkce = "method of PKCE" {
        /// By the SHA-256 of a random text.
        "s256" => model::Pkce::S256,
        /// Not at all, for an API that refuses the parameters.
        "none" => model::Pkce::None,
    }
}

words! {
    /// How a token request writes its parameters.
    model::TokenBody = "form of a token request" {
        /// As a form, as RFC 6749 says.
        "form" => model::TokenBody::Form,
        /// As the members of a JSON object.
        "json" => model::TokenBody::Json,
    }
}

record! {
    /// Where the answer of a token endpoint has what it gives. A path that is named must be there.
    TokenAnswer = "token_answer", AtMostOne of &["expires_in", "expires_at"];
    /// The access token; default `$.access_token`.
    token: optional Path,
    /// The refresh token that takes the place of the one sent; default `$.refresh_token`, if it is there.
    refresh_token: optional Path,
    /// For how many seconds the access token is valid; default `$.expires_in`, if it is there.
    expires_in: optional Path,
    /// Until when the access token is valid: RFC 3339, or a Unix time in seconds or milliseconds.
    expires_at: optional Path,
}
