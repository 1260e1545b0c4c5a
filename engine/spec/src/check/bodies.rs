//! The body of a request: one of its forms, and only where the request can have one.

use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{self, At, Map, Reader, Text};
use crate::language::{self, BODIES, Entry, JsonTree};
use crate::model::{Body, GraphQl, Method, Param, Request};
use crate::source::Place;

/// What says what the body is.
#[derive(Clone, Copy)]
pub(super) struct Bodies<'a> {
    body: Option<&'a JsonTree>,
    form: Option<&'a Map<Entry>>,
    text: Option<&'a Text<grammar::Sendable>>,
    graphql: Option<&'a language::GraphQl>,
    pub(super) said: Option<Said<'a>>,
}

/// The key that says it, and where it stands, also where its value could not be read.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) key: &'static str,
    pub(super) place: &'a Place,
}

impl<'a> Bodies<'a> {
    pub(super) fn of(form: &'a language::Stream) -> Bodies<'a> {
        Bodies {
            body: form.body.as_ref(),
            form: form.form.as_ref(),
            text: form.text.as_ref(),
            graphql: form.graphql.as_ref().map(|graphql| &graphql.0),
            said: BODIES.into_iter().find_map(|key| Some(Said { key, place: form.said(key)? })),
        }
    }

    pub(super) fn of_check(form: &'a language::Check) -> Bodies<'a> {
        Bodies {
            body: form.body.as_ref(),
            form: form.form.as_ref(),
            text: form.text.as_ref(),
            graphql: form.graphql.as_ref().map(|graphql| &graphql.0),
            said: BODIES.into_iter().find_map(|key| Some(Said { key, place: form.said(key)? })),
        }
    }

    pub(super) fn of_login(form: &'a language::Login) -> Bodies<'a> {
        Bodies {
            body: form.body.as_ref(),
            form: form.form.as_ref(),
            text: None,
            graphql: None,
            said: BODIES.into_iter().find_map(|key| Some(Said { key, place: form.said(key)? })),
        }
    }

    pub(super) fn of_job(form: &'a language::JobRequest) -> Bodies<'a> {
        Bodies {
            body: form.body.as_ref(),
            form: form.form.as_ref(),
            text: form.text.as_ref(),
            graphql: form.graphql.as_ref().map(|graphql| &graphql.0),
            said: BODIES.into_iter().find_map(|key| Some(Said { key, place: form.said(key)? })),
        }
    }

    /// Every template of an entry of it: what has no value is left out.
    pub(super) fn entries(&self) -> Vec<(&'a Template, &'a Place)> {
        let fields = self.form.into_iter().flat_map(|form| &form.0).filter_map(|(_, entry)| entry.as_ref());
        let variables = self.graphql.and_then(|graphql| graphql.variables.as_ref()).map(|variables| &variables.0);
        let trees = self.body.into_iter().chain(variables).chain(fields.map(|entry| &entry.0));
        let alone = self.graphql.and_then(|graphql| graphql.operation.as_ref()).map(|text| (&text.value, &text.place));
        trees.flat_map(JsonTree::templates).chain(alone).collect()
    }

    /// Every template of a text that must be whole.
    pub(super) fn texts(&self) -> Vec<(&'a Template, &'a Place)> {
        let text = self.text.map(|text| (&text.value, &text.place));
        let query = self.graphql.and_then(|graphql| graphql.query.as_ref()).map(|query| (&query.value, &query.place));
        text.into_iter().chain(query).collect()
    }

    /// Whether something of it could not be read.
    pub(super) fn is_unread(&self) -> bool {
        let fields = self.form.into_iter().flat_map(|form| &form.0).any(|(_, entry)| entry.is_none());
        let variables = self.graphql.is_some_and(|one| one.variables.is_none() && one.said("variables").is_some());
        self.said.is_some() && (self.lowered().is_none() || fields || variables)
    }

    pub(super) fn lowered(&self) -> Option<Body> {
        if let Some(tree) = self.body {
            return Some(Body::Json(tree.tree.clone()));
        }
        if let Some(form) = self.form {
            let field = |(name, entry): &(At<String>, Option<Entry>)| Some(param(&name.value, entry.as_ref()?));
            return Some(Body::Form(form.0.iter().filter_map(field).collect()));
        }
        if let Some(text) = self.text {
            return Some(Body::Text(text.value.clone()));
        }
        let graphql = self.graphql?;
        Some(Body::GraphQl(GraphQl {
            query: graphql.query.as_ref()?.value.clone(),
            variables: graphql.variables.as_ref().map(|variables| variables.0.tree.clone()),
            operation: graphql.operation.as_ref().map(|operation| operation.value.clone()),
        }))
    }
}

/// A parameter, or a name in a form.
pub(super) fn param(name: &str, entry: &Entry) -> Param {
    Param { name: name.to_owned(), value: entry.0.tree.clone() }
}

/// Reports a body of a `GET`, and a form that says that it is none.
pub(super) fn fits(request: &Request, said: Option<Said<'_>>, method: &Place, reader: &mut Reader<'_>) {
    let Some(said) = said else { return };
    if request.method == Method::Get {
        let fault = Diagnostic::new("a `GET` has no body", method.clone());
        reader.fault(fault.help(format!("write `POST` if the API wants one, or take `{}` out", said.key)));
    }
    let kind = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    let other = kind.and_then(|(_, kind)| kind.as_literal()).filter(|kind| !kind.starts_with(FORM));
    if let (Some(Body::Form(_)), Some(other)) = (&request.body, other) {
        let message = format!("a form goes as `{FORM}`, and the header `Content-Type` says `{other}`");
        let fault = Diagnostic::new(message, said.place.clone());
        reader.fault(fault.help("take the header out, or write the body as `body` or `text`"));
    }
}

/// What a form says that it is.
const FORM: &str = "application/x-www-form-urlencoded";
