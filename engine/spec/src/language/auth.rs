//! How requests are authenticated.

mod hmac;
mod jwt;
mod oauth2;
mod send;
mod session;

pub(crate) use hmac::Hmac;
pub(crate) use jwt::Jwt;
pub(crate) use oauth2::{GrantWord, OAuth2};
pub(crate) use send::{SendToken, SendTokens};
pub(crate) use session::{KeepForm, Login, Session};

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Map, Read, Reader, Shape, Text, list_names, record, words};
use crate::model;
use crate::tree::{Node, Value};

type Line = Text<grammar::Plain>;
type Template = Text<grammar::Template>;

/// The same credentials for everybody, or those that a config field chooses.
#[derive(Debug, Clone)]
pub(crate) enum AuthChoice {
    Always(AuthForms),
    ByConfig(Box<AuthByConfig>),
}

impl AuthChoice {
    /// Every form that some configuration uses.
    pub(crate) fn forms(&self) -> Vec<&Auth> {
        match self {
            AuthChoice::Always(forms) => forms.0.iter().collect(),
            AuthChoice::ByConfig(choice) => {
                let cases = choice.when.iter().flat_map(|cases| &cases.0);
                cases.filter_map(|(_, forms)| forms.as_ref()).flat_map(|forms| &forms.0).collect()
            }
        }
    }
}

impl Read for AuthChoice {
    fn shape() -> Shape {
        let mut forms = AuthForms::forms();
        forms.push(AuthByConfig::shape());
        Shape::Either(forms)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(entries) if entries.iter().any(|(key, _)| matches!(&*key.text, "by" | "when")) => {
                AuthByConfig::read(node, reader).map(|choice| AuthChoice::ByConfig(Box::new(choice)))
            }
            _ => AuthForms::read(node, reader).map(AuthChoice::Always),
        }
    }
}

/// `none`, one of the forms of [`Auth`], or several that go together.
#[derive(Debug, Clone)]
pub(crate) struct AuthForms(pub(crate) Vec<Auth>);

impl AuthForms {
    fn forms() -> Vec<Shape> {
        let none = Shape::Words(vec![("none", "No credentials.".to_owned())]);
        vec![none, Auth::shape(), Shape::List(Box::new(Auth::shape()))]
    }
}

impl Read for AuthForms {
    fn shape() -> Shape {
        Shape::Either(AuthForms::forms())
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text == "none" => Some(AuthForms(Vec::new())),
            Value::Map(_) => Auth::read(node, reader).map(|auth| AuthForms(vec![auth])),
            Value::List(items) if items.is_empty() => {
                let fault = Diagnostic::new("a list of credentials without any", node.place.clone());
                reader.fault(fault.help("write `none` if requests need no credentials"));
                None
            }
            Value::List(items) => {
                let forms = Vec::read(node, reader)?;
                (forms.len() == items.len()).then_some(AuthForms(forms))
            }
            _ => {
                let what = format!("`none`, a mapping with one of {}, or a list of such", list_names(FORMS));
                reader.expected_word(node, &what, &[&["none"], FORMS.as_slice()].concat())
            }
        }
    }
}

record! {
    /// Credentials that a config field of type `enum` chooses:
    /// `auth: {by: method, when: {key: {api_key: …}, token: {bearer: …}}}`.
    AuthByConfig = "auth_by_config";
    /// Name of the config field.
    by: required Line,
    /// For each of its values how requests are then authenticated.
    when: required Map<AuthForms>,
}

/// The keys of [`Auth`].
const FORMS: [&str; 9] = ["basic", "bearer", "api_key", "oauth1", "oauth2", "jwt", "session", "hmac", "hook"];

record! {
    /// How requests are authenticated; a list of such goes together. Credentials go only to the host of `base_url` and to `http.allow_hosts`.
    Auth = "auth", ExactlyOne of &FORMS;
    /// HTTP Basic.
    basic: optional Basic,
    /// `Authorization: Bearer …`
    bearer: optional BearerForm,
    /// A key that goes with every request.
    api_key: optional ApiKey,
    /// OAuth 1.0a (RFC 5849) with an access token at hand.
    oauth1: optional OAuth1,
    /// OAuth 2.0 (RFC 6749): an access token that is fetched, kept while it is valid, and fetched anew.
    oauth2: optional OAuth2,
    /// A token that is signed here.
    jwt: optional Jwt,
    /// A session: log in, use what the login gave, log in again when it is over.
    session: optional Session,
    /// A signature of each request.
    hmac: optional Hmac,
    /// The name of a hook that signs each request. It sees the request as it will be sent, with what stands beside it in
    /// the list, and adds headers and query parameters; it can send it nowhere else. It is asked for each try.
    hook: optional Line,
}

impl Auth {
    /// Where what is fetched or signed goes, as far as the spec says it.
    pub(crate) fn sends(&self) -> impl Iterator<Item = &SendToken> {
        let of_oauth2 = self.oauth2.iter().filter_map(|form| form.send.as_ref());
        let of_jwt = self.jwt.iter().filter_map(|form| form.send.as_ref());
        let of_session = self.session.iter().filter_map(|form| form.send.as_ref());
        let of_hmac = self.hmac.iter().filter_map(|form| form.send.as_ref());
        of_oauth2.chain(of_jwt).chain(of_session).chain(of_hmac).flat_map(|send| &send.0)
    }
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
    /// A key that goes with every request.
    ApiKey = "api_key", ExactlyOne of &["header", "query", "body", "cookie"];
    /// Name of the header that carries it.
    header: optional Text<grammar::Header>,
    /// Name of the query parameter that carries it.
    query: optional Line,
    /// Name of the member of the body, JSON or form, that carries it, where every request is a `POST`.
    body: optional Line,
    /// Name of the cookie that carries it.
    cookie: optional Text<grammar::Cookie>,
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
        /// HMAC-SHA1: RFC 5849, section 3.4.2.
        "hmac_sha1" => model::Signature::HmacSha1,
        /// HMAC-SHA256, as newer APIs want it.
        "hmac_sha256" => model::Signature::HmacSha256,
        /// PLAINTEXT: RFC 5849, section 3.4.4; only over TLS.
        "plaintext" => model::Signature::Plaintext,
    }
}
