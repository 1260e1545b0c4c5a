//! Jobs: what an API must prepare before there is something to read.

use super::auth::KeepForm;
use super::body::{BODIES, Entry, GraphQlForm, JsonTree};
use super::endpoint::Endpoint;
use crate::grammar::{self, Map, Read, Reader, Shape, Text, TextKind, record};
use crate::model::Method;
use crate::tree::{Node, Value};

type Template = Text<grammar::Template>;
type Condition = Text<grammar::Condition>;
type Path = Text<grammar::Path>;
type Duration = Text<grammar::Duration>;

record! {
    /// A job that an API must do before there is something to read, such as a report, an export or a bulk query:
    /// it is created, asked for until it is done, read by the stream's `endpoint`, and cleaned up. Each read of the
    /// stream creates a job of its own, and with `for_each` each parent has one. If no answer to `create` comes, it
    /// is sent again, and the API may then do the job twice.
    Job = "job";
    /// The request that creates it: `POST /reports`, or a mapping. It may read `since` and `parent`.
    create: required JobRequestForm,
    /// What later requests need of the answer, by the name under which expressions read it, as in `job.id`: a path
    /// in its body, or a header.
    keep: optional Map<KeepForm>,
    /// The request that asks how far it is: `GET /reports/{{ job.id }}`, or a mapping.
    poll: required JobRequestForm,
    /// How long to wait before the first `poll`; default `5 seconds`. Each further wait is half as long again, up to
    /// a minute, or `every` if that is longer. `Retry-After` is obeyed.
    every: optional Duration,
    /// How long it may take until it is done; default `30 minutes`. Then the stream fails.
    timeout: optional Duration,
    /// Holds for the answer that says that it is done: `"{{ response.body.status == 'done' }}"`.
    done: required Condition,
    /// Holds for an answer that says that it failed; or a mapping with a message.
    failed: optional FailedForm,
    /// Holds for a job that is done without a single record, so that there is nothing to read.
    empty: optional Condition,
    /// Path to what there is to read, in the answer that says that it is done. Expressions of the stream's requests
    /// read it as `job.result`; of several values, as in `$.files[*].url`, each is read in turn. An empty list is a
    /// job without a record; anything else that is missing is an error.
    result: optional Path,
    /// The request that removes it: `DELETE /reports/{{ job.id }}`, or a mapping. It is sent when all is read, and
    /// also when the stream fails or the run is stopped. If it cannot be sent, the report says so.
    cleanup: optional JobRequestForm,
}

/// `POST /reports`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct JobRequestForm(pub(crate) JobRequest);

record! {
    /// A request of a job, or a logout.
    JobRequest = "job_request", AtMostOne of &BODIES;
    /// Method and path.
    endpoint: required JobEndpoint,
    /// Query parameters, beside those of `http`; a list repeats the name, a mapping goes as JSON.
    params: optional Map<Entry>,
    /// Headers, beside those of `http`.
    headers: optional Map<Text<grammar::Sendable>>,
    /// JSON body; each text in it is a template.
    body: optional JsonTree,
    /// Body as HTML forms send it.
    form: optional Map<Entry>,
    /// Body as it is written.
    text: optional Text<grammar::Sendable>,
    /// Query in GraphQL.
    graphql: optional GraphQlForm,
}

impl Read for JobRequestForm {
    fn shape() -> Shape {
        Shape::Either(vec![JobEndpoint::shape(), JobRequest::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return JobRequest::read(node, reader).map(JobRequestForm);
        }
        let endpoint = Some(JobEndpoint::read(node, reader)?);
        let (place, said) = (node.place.clone(), Vec::new());
        Some(JobRequestForm(JobRequest {
            place,
            said,
            endpoint,
            params: None,
            headers: None,
            body: None,
            form: None,
            text: None,
            graphql: None,
        }))
    }
}

/// An endpoint that may also change something.
#[derive(Debug, Clone)]
pub(crate) struct JobEndpoint(pub(crate) Endpoint);

impl Read for JobEndpoint {
    fn shape() -> Shape {
        Shape::Text(TextKind::JobEndpoint)
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let methods = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
        Endpoint::with(&methods, node, reader).map(JobEndpoint)
    }
}

/// A condition, or a condition with a message.
#[derive(Debug, Clone)]
pub(crate) struct FailedForm(pub(crate) Failed);

record! {
    /// What says that a job failed.
    Failed = "failed";
    /// Holds for such an answer.
    when: required Condition,
    /// What the user reads about it, with the name of the stream.
    message: optional Template,
}

impl Read for FailedForm {
    fn shape() -> Shape {
        Shape::Either(vec![Condition::shape(), Failed::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return Failed::read(node, reader).map(FailedForm);
        }
        let when = Some(Condition::read(node, reader)?);
        Some(FailedForm(Failed { place: node.place.clone(), said: Vec::new(), when, message: None }))
    }
}
