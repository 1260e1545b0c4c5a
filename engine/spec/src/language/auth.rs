//! How requests are authenticated.

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
const FORMS: [&str; 6] = ["basic", "bearer", "api_key", "oauth1", "oauth2", "jwt"];

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
    /// A bearer token that is signed here.
    jwt: optional Jwt,
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
    /// Name of the member of the JSON body that carries it, where every request is a `POST`.
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
        /// RFC 5849, section 3.4.2.
        "hmac_sha1" => model::Signature::HmacSha1,
        /// RFC 5849, section 3.4.4; only over TLS.
        "plaintext" => model::Signature::Plaintext,
    }
}

record! {
    /// OAuth 2.0 (RFC 6749). The access token is fetched before the first request, goes as
    /// `Authorization: Bearer …`, is fetched anew shortly before it expires, and once when the API answers 401;
    /// then the request is sent again. It is never written anywhere.
    OAuth2 = "oauth2";
    /// In exchange for what the token is given.
    grant: required At<GrantWord>,
    /// The token endpoint: an absolute URL. The client's secret goes to this host and to no other.
    token_url: required Template,
    /// Identifier of the client.
    client_id: required Template,
    /// Secret of the client; a public client has none.
    client_secret: optional Template,
    /// What access is asked for; several are separated by spaces.
    scope: optional Template,
    /// Where the client's identifier and secret go; default `basic`. Without a secret the identifier goes in the body.
    send: optional At<model::ClientPlace>,
    /// The user's name, for the grant `password`.
    username: optional Template,
    /// The user's password, for the grant `password`.
    password: optional Template,
    /// The first refresh token, for the grant `refresh_token`. If the API replaces it, the new one is kept on this
    /// machine before it is used: in a file that only its owner may read, in the folder `TAPWRIGHT_STATE_DIR`, by
    /// default `~/.local/state/tapwright`. Another refresh token in the configuration takes its place.
    refresh_token: optional Template,
    /// More parameters of the token request, such as `audience`.
    params: optional Map<Template>,
}

/// In exchange for what a token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrantWord {
    ClientCredentials,
    Password,
    RefreshToken,
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

record! {
    /// A JSON Web Token (RFC 7519) that is signed here and goes as `Authorization: Bearer …`. It says `iat` and `exp`
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
