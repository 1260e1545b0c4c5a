//! Sessions: log in, use what the login gave, log in again.

use super::{Line, SendTokens};
use crate::grammar::{self, At, Map, OneOrMany, Read, Reader, Shape, Text, record};
use crate::language::body::{Entry, JsonTree};
use crate::language::job::{JobEndpoint, JobRequestForm};
use crate::language::response::When;
use crate::tree::{Node, Value};

type Path = Text<grammar::Path>;

record! {
    /// A session: one or several requests log in before the first other request, and what they give goes with all
    /// others. When the API answers 401, or as `expired` says, there is one new login, shared by all requests that wait
    /// for it, and the request is sent again. A login that is refused is not tried again.
    Session = "session";
    /// The request that logs in, or several, one after the other.
    login: required OneOrMany<Login>,
    /// Where it goes what the login gave, as `session`. Default where the login keeps a `token`:
    /// `{header: Authorization, value: "Bearer {{ session.token }}"}`.
    send: optional SendTokens,
    /// Whether requests send the cookies that the API sets; default false. A cookie goes only where it says, and no
    /// longer; within a login it always does.
    cookies: optional At<bool>,
    /// How long a session lasts; without it, until the API refuses it.
    expires_after: optional Text<grammar::Duration>,
    /// What the API answers where a session is over, beside 401.
    expired: optional When,
    /// The request that ends the session after the run: `DELETE /session`, or a mapping. If it cannot be sent, the
    /// report says so.
    logout: optional JobRequestForm,
}

record! {
    /// A request of a login. What earlier ones kept stands in it as `session`: `{{ session.csrf }}`.
    Login = "login", AtMostOne of &["token", "keep"];
    /// Method and path, or the whole URL of another host: what is sent with the login goes there.
    endpoint: required JobEndpoint,
    /// Query parameters.
    params: optional Map<Entry>,
    /// Headers.
    headers: optional Map<Text<grammar::Sendable>>,
    /// JSON body of a `POST`; its texts are templates.
    body: optional JsonTree,
    /// Body of a `POST` as HTML forms send it, in place of `body`.
    form: optional Map<Entry>,
    /// Where the answer has the token: the short form of `keep: {token: …}`.
    token: optional Path,
    /// What of the answer is kept, by the names under which `session` has it. What is not there is an error.
    keep: optional Map<KeepForm>,
}

/// A path in the body of the answer, or another part of it.
#[derive(Debug, Clone)]
pub(crate) enum KeepForm {
    Path(Path),
    Part(Box<KeepPart>),
}

record! {
    /// A part of the answer that is kept.
    KeepPart = "keep", ExactlyOne of &["body", "header", "cookie"];
    /// A path in the body: the same as the path alone.
    body: optional Path,
    /// Name of a header.
    header: optional Text<grammar::Header>,
    /// Name of a cookie.
    cookie: optional Line,
}

impl Read for KeepForm {
    fn shape() -> Shape {
        Shape::Either(vec![Path::shape(), KeepPart::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => KeepPart::read(node, reader).map(|part| KeepForm::Part(Box::new(part))),
            _ => Path::read(node, reader).map(KeepForm::Path),
        }
    }
}
