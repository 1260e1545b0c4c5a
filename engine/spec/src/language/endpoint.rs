//! One request: method and path, and the request that proves the credentials.

use super::body::{BODIES, Entry, GraphQlForm, JsonTree};
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Map, Read, Reader, Shape, Text, TextKind, record, words};
use crate::model;
use crate::source::Place;
use crate::tree::{Node, Value};

type Sendable = Text<grammar::Sendable>;

/// The methods that read.
const READING: [model::Method; 2] = [model::Method::Get, model::Method::Post];

/// `GET /path`: a method and a path, or an absolute URL.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) method: model::Method,
    pub(crate) path: crate::expression::Template,
    pub(crate) place: Place,
    quoted: bool,
}

impl Endpoint {
    /// Where the method stands.
    pub(crate) fn method_place(&self) -> Place {
        let quoted = usize::from(self.quoted);
        self.place.start + quoted..self.place.start + quoted + self.method.word().len()
    }

    /// Whether an expression gives the whole address.
    pub(crate) fn is_whole_address(&self) -> bool {
        self.path.source().starts_with("{{")
    }

    /// Reads an endpoint with one of `methods`.
    pub(super) fn with(methods: &[model::Method], node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "an endpoint such as `GET /users`")?;
        let words = || methods.iter().map(|method| method.word());
        let listed = grammar::list_names(words());
        let help = format!("write a method and a path, as in `GET /users`; the methods are {listed}");
        let fault = |message: String| Diagnostic::new(message, node.place.clone()).help(help.clone());
        let named = |word: &str| methods.iter().copied().find(|method| method.word() == word);
        let (method, path) = match text.trim().split_once(' ') {
            Some((word, path)) if named(word).is_some() => (named(word)?, path.trim()),
            Some((word, _)) if !word.starts_with('/') => {
                let that_reads = if methods == READING { " that can read" } else { "" };
                let mut wrong = fault(format!("`{word}` is no method{that_reads}"));
                wrong.place = reader.within(node, 0..word.chars().count());
                reader.fault(wrong.nearest(word, words()));
                return None;
            }
            None if named(text.trim()).is_some() => {
                reader.fault(fault(format!("`{text}` has no path")));
                return None;
            }
            _ => {
                reader.fault(fault(format!("`{text}` has no method")));
                return None;
            }
        };
        let skipped = text.trim_end().chars().count() - path.chars().count();
        let path_place = reader.within(node, skipped..text.trim_end().chars().count());
        // Only a job gives a whole address.
        let begins = |path: &str| ["/", "http://", "https://"].iter().any(|begin| path.starts_with(begin));
        let of_job = path.starts_with("{{") && path.contains("job");
        if !(begins(path) || of_job) {
            let message = format!("the path `{path}` does not begin with `/`");
            reader.fault(Diagnostic::new(message, path_place).help(format!("write `/{path}`, or a whole URL")));
            return None;
        }
        match crate::expression::Template::compile(path) {
            Ok(path) if path.literals().any(|text| text.contains(char::is_whitespace)) => {
                let message = format!("the path `{}` has a space in it", path.source());
                reader.fault(Diagnostic::new(message, path_place).help("write a space in a path as `%20`"));
                None
            }
            Ok(path) => {
                let quoted = matches!(&node.value, Value::Scalar(scalar) if !scalar.plain);
                Some(Endpoint { method, path, place: node.place.clone(), quoted })
            }
            Err(wrong) => {
                let range = wrong.range.start + skipped..wrong.range.end + skipped;
                let fault = Diagnostic::new(wrong.message, reader.within(node, range));
                reader.fault(match wrong.help {
                    Some(help) => fault.help(help),
                    None => fault,
                });
                None
            }
        }
    }
}

impl Read for Endpoint {
    fn shape() -> Shape {
        Shape::Text(TextKind::Endpoint)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        Endpoint::with(&READING, node, reader)
    }
}

/// The request that proves the credentials: an endpoint, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct CheckForm(pub(crate) Check);

record! {
    /// A request that any valid credentials may send. A status of success proves them, unless a rule of
    /// `http.on_response` says that such an answer is to `fail`, to be asked for again, or to be asked for with new
    /// credentials; what it says of `skip` and `stop` is about lists.
    Check = "check", AtMostOne of &BODIES;
    /// Method and path.
    endpoint: required Endpoint,
    /// Query parameters.
    params: optional Map<Entry>,
    /// Headers.
    headers: optional Map<Sendable>,
    /// JSON body of a `POST`.
    body: optional JsonTree,
    /// Body of a `POST` as HTML forms send it.
    form: optional Map<Entry>,
    /// Body of a `POST` as it is written.
    text: optional Sendable,
    /// Query in GraphQL, the body of a `POST`.
    graphql: optional GraphQlForm,
    /// What the answer's body must be; default `no_page`, and of a query in GraphQL `json`.
    expect: optional At<model::Expected>,
}

words! {
    /// What the body of an answer must be, that is otherwise not read.
    model::Expected = "expected" {
        /// Anything or nothing, but no page in HTML: a login page comes with a status of success too.
        "no_page" => model::Expected::NoPage,
        /// A JSON document.
        "json" => model::Expected::Json,
        /// Whatever it is: the status alone counts.
        "anything" => model::Expected::Anything,
    }
}

impl Read for CheckForm {
    fn shape() -> Shape {
        Shape::Either(vec![Endpoint::shape(), Check::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => Check::read(node, reader).map(CheckForm),
            _ => {
                let endpoint = Endpoint::read(node, reader)?;
                let place = node.place.clone();
                Some(CheckForm(Check {
                    place,
                    said: Vec::new(),
                    endpoint: Some(endpoint),
                    params: None,
                    headers: None,
                    body: None,
                    form: None,
                    text: None,
                    graphql: None,
                    expect: None,
                }))
            }
        }
    }
}
