//! How requests are authenticated.

use crate::grammar::{self, At, Read, Reader, Shape, Text, record, words};
use crate::model;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;
type Template = Text<grammar::Template>;

/// `none`, or one of the forms of [`Auth`].
#[derive(Debug, Clone)]
pub(crate) enum AuthChoice {
    None,
    Form(Box<Auth>),
}

impl Read for AuthChoice {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Words(vec![("none", "No credentials.".to_owned())]), Auth::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text == "none" => Some(AuthChoice::None),
            Value::Map(_) => Auth::read(node, reader).map(|auth| AuthChoice::Form(Box::new(auth))),
            _ => reader.expected_word(
                node,
                "`none` or a mapping with one of `basic`, `bearer`, `api_key`, `oauth1`",
                &["none", "basic", "bearer", "api_key", "oauth1"],
            ),
        }
    }
}

record! {
    /// How requests are authenticated. Credentials go only to the host of `base_url` and to `http.allow_hosts`.
    Auth = "auth", ExactlyOne of &["basic", "bearer", "api_key", "oauth1"];
    /// HTTP Basic.
    basic: optional Basic,
    /// `Authorization: Bearer …`
    bearer: optional BearerForm,
    /// A key in a header or in the query.
    api_key: optional ApiKey,
    /// OAuth 1.0a (RFC 5849) with an access token at hand.
    oauth1: optional OAuth1,
}

record! {
    /// HTTP Basic.
    Basic = "basic";
    /// User name.
    username: required Template,
    /// Password; left out, it is empty.
    password: optional Template,
}

/// The token alone, or a mapping with it.
#[derive(Debug, Clone)]
pub(crate) struct BearerForm {
    pub(crate) token: Option<Template>,
}

record! {
    /// A bearer token.
    Bearer = "bearer";
    /// The token.
    token: required Template,
}

impl Read for BearerForm {
    fn shape() -> Shape {
        Shape::Either(vec![Template::shape(), Bearer::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let token = match &node.value {
            Value::Map(_) => Bearer::read(node, reader)?.token,
            _ => Template::read(node, reader),
        };
        Some(BearerForm { token })
    }
}

record! {
    /// A key in a header or in the query.
    ApiKey = "api_key", ExactlyOne of &["header", "query"];
    /// Name of the header that carries it.
    header: optional Text<grammar::Header>,
    /// Name of the query parameter that carries it.
    query: optional Line,
    /// The key.
    value: required Template,
}

record! {
    /// OAuth 1.0a. Every request is signed anew, retries too.
    OAuth1 = "oauth1";
    /// Consumer key.
    consumer_key: required Template,
    /// Consumer secret.
    consumer_secret: required Template,
    /// Access token.
    token: required Template,
    /// Secret of the access token.
    token_secret: required Template,
    /// How to sign; default `hmac_sha1`.
    signature: optional At<model::Signature>,
}

words! {
    /// How OAuth 1.0a signs.
    model::Signature = "signature method" {
        /// RFC 5849, section 3.4.2.
        "hmac_sha1" => model::Signature::HmacSha1,
        /// RFC 5849, section 3.4.4; only over TLS.
        "plaintext" => model::Signature::Plaintext,
    }
}
