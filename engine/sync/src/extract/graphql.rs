//! What an answer to a query in GraphQL says of errors.

use std::ops::Range;

use serde_json::Value;
use tapwright_spec::model::{Body, Request};
use tapwright_spec::path::Path;

/// So many messages are told.
const TOLD: usize = 3;

/// Where the answer to a request may have errors, beside its data or without any.
pub(super) fn path_of_errors(request: &Request) -> Option<Path> {
    matches!(request.body, Some(Body::GraphQl(_))).then(|| Path::compile("$.errors").ok()).flatten()
}

/// What the errors at this place of an answer say, if there are any.
pub(super) fn errors(text: &str, at: Range<usize>) -> Option<String> {
    let found: Value = serde_json::from_str(text.get(at)?).ok()?;
    let errors = match found {
        Value::Null => return None,
        Value::Array(errors) => errors,
        one => vec![one],
    };
    let message = |error: &Value| match error.get("message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => error.to_string(),
    };
    let told: Vec<String> = errors.iter().take(TOLD).map(message).collect();
    let more = match errors.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    (!errors.is_empty()).then(|| format!("the API answers with errors: {}{more}", told.join("; ")))
}
