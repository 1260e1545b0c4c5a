//! What is sent: requests and the credentials on them.

use crate::expression::Template;

/// How requests are authenticated.
#[derive(Debug, Clone)]
pub enum Auth {
    /// No credentials.
    None,
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
    /// A key in a header or in the query.
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
}

/// Where an API key goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In this header.
    Header(String),
    /// In this query parameter.
    Query(String),
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

/// One request, as far as the spec says it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Scheme, host and prefix of the path, without a trailing slash.
    pub base_url: Template,
    /// Path with a leading slash, or an absolute URL.
    pub path: Template,
    /// Query parameters, in order; a list repeats the name.
    pub params: Vec<Param>,
    /// Headers, in order.
    pub headers: Vec<(String, Template)>,
    /// Body of a POST.
    pub body: Option<Body>,
}

/// HTTP method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// A query parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name, unescaped.
    pub name: String,
    /// One value for each time it is sent.
    pub values: Vec<Template>,
}

/// Body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// `application/json`: a tree whose text leaves may be templates.
    Json(JsonTemplate),
}

/// A JSON tree whose texts are templates.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// A null, boolean or number, as written.
    Fixed(serde_json::Value),
    /// A text, perhaps computed; it stays a text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object, in order.
    Object(Vec<(String, JsonTemplate)>),
}
