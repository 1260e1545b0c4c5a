//! Why a slice cannot be read. Every text in an [`ExtractError`] has passed the redactor.

use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::expression::ExpressionFault;
use thiserror::Error;

use crate::auth::{AuthFault, Credentials, Redactor};
use crate::component::sentences;
use crate::http::{HttpFault, PrepareFault};

/// Why a slice cannot be read; says which request, what was wrong and how the body begins.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ExtractError {
    kind: FaultKind,
    message: String,
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// No usable answer: connection, time, size, redirects, tries.
    Http,
    /// The API refuses the credentials, or what they ask for.
    Credentials,
    /// A status that no rule expects.
    Status,
    /// The API knows the token of the feed no more.
    Expired,
    /// The answer to a query in GraphQL has errors.
    GraphQl,
    /// A rule of the spec says that the stream fails.
    Rule,
    /// The body is empty where records are expected.
    Empty,
    /// The body is not in the charset that it should be in.
    Charset,
    /// The body is an HTML page.
    Html,
    /// The body is not JSON, or not whole.
    NotJson,
    /// The body is not XML, not whole, or declares what is not read.
    NotXml,
    /// The body is not packed as it should be, or damaged.
    Archive,
    /// A line of the body is not of the format that it should be of.
    NoRows,
    /// The body nests too deep.
    TooDeep,
    /// The records are not where the spec says.
    NoRecords,
    /// A key on a path that is read stands there twice.
    DuplicateKey,
    /// The pages lead nowhere, in a circle, or to a stranger.
    Paging,
    /// A hook does not fit the configuration.
    Hook,
    /// An expression of the spec cannot be computed.
    Expression,
    /// The request cannot be made.
    Request,
    /// A job failed, took too long, or does not say what it must.
    Job,
}

impl ExtractError {
    /// The kind of fault.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// A fault of `request`.
    pub(super) fn new(redactor: &Redactor, kind: FaultKind, request: &str, what: &str) -> ExtractError {
        ExtractError { kind, message: redactor.redact(&format!("{request}: {what}")) }
    }

    /// A request that could not be made.
    pub(super) fn unprepared(redactor: &Redactor, place: &str, fault: &PrepareFault) -> ExtractError {
        let kind = match fault {
            PrepareFault::Expression(..) => FaultKind::Expression,
            _ => FaultKind::Request,
        };
        ExtractError::new(redactor, kind, place, &fault.to_string())
    }

    /// A request that brought no answer.
    pub(super) fn unsent(redactor: &Redactor, request: &str, fault: &HttpFault) -> ExtractError {
        ExtractError::new(redactor, FaultKind::Http, request, &fault.to_string())
    }

    /// Credentials that could not be fetched.
    pub(super) fn unready(redactor: &Redactor, fault: &AuthFault) -> ExtractError {
        let kind = match fault {
            AuthFault::Unsent { .. } => FaultKind::Http,
            AuthFault::Refused { .. } | AuthFault::Unkept(_) => FaultKind::Credentials,
        };
        ExtractError { kind, message: redactor.redact(&fault.to_string()) }
    }

    /// Hooks that do not fit the configuration.
    pub(super) fn of_hooks(secrets: &[String], faults: &[Diagnostic]) -> ExtractError {
        let redactor = Redactor::new(secrets, &Credentials::default());
        ExtractError { kind: FaultKind::Hook, message: redactor.redact(&sentences(faults)) }
    }

    /// Credentials that cannot be computed, or a hook that cannot begin to sign.
    pub(super) fn unsigned(secrets: &[String], fault: &ExpressionFault) -> ExtractError {
        let redactor = Redactor::new(secrets, &Credentials::default());
        ExtractError { kind: FaultKind::Expression, message: redactor.redact(&format!("auth: {fault}")) }
    }

    /// An expression at `place` that cannot be computed. Its message names variables, never values.
    pub(super) fn expression(place: &str, fault: &ExpressionFault) -> ExtractError {
        ExtractError { kind: FaultKind::Expression, message: format!("{place}: {fault}") }
    }
}
