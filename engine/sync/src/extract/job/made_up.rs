//! A job of an API that is not there: its requests, with names in place of what only the API knows.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tapwright_spec::model::Stream;

use super::{Course, Order};
use crate::extract::{ExtractError, Source};
use crate::http::Request;

/// Stands before and after the name of a value of the job, in requests that are shown.
const MARK: &str = "tapwrightmadeup";

/// The requests of a job of an API that is not there, and what expressions read of it.
#[derive(Debug, Clone)]
pub struct MadeUp {
    /// Creates it.
    pub create: Request,
    /// Asks how far it is.
    pub poll: Request,
    /// Removes it.
    pub cleanup: Option<Request>,
    /// What expressions read as `job`.
    pub values: Map<String, Value>,
}

/// A value that requests show by its name.
pub(crate) fn marked(name: &str) -> Value {
    Value::from(format!("{MARK}{name}{MARK}"))
}

/// Makes a job up, with what `leaf` gives for names such as `job.id`.
pub(in super::super) fn made_up(
    source: &Source,
    order: Order<'_>,
    leaf: &dyn Fn(&str) -> Value,
) -> Result<MadeUp, ExtractError> {
    let mut values = Map::new();
    for name in names(order.stream) {
        let leaf = leaf(&name);
        let mut steps: Vec<&str> = name.split('.').skip(1).collect();
        let Some(first) = steps.first().copied() else { continue };
        steps.remove(0);
        let value = steps.into_iter().rev().fold(leaf, |inner, step| serde_json::json!({step: inner}));
        values.insert(first.to_owned(), value);
    }
    let job = order.job;
    let mut course = Course { source, order, kept: Map::new() };
    let create = course.prepare(&job.create)?.request;
    course.kept = values;
    let poll = course.prepare(&job.poll)?.request;
    let cleanup = job.cleanup.as_ref().map(|cleanup| course.prepare(cleanup)).transpose()?;
    Ok(MadeUp { create, poll, cleanup: cleanup.map(|prepared| prepared.request), values: course.kept })
}

/// What expressions of a stream's requests read of its job, such as `job.id`.
fn names(stream: &Stream) -> BTreeSet<String> {
    let Some(job) = &stream.job else { return BTreeSet::new() };
    let kept = job.keep.iter().map(|(name, _)| format!("job.{name}"));
    let requests = job.requests().chain([&stream.request]);
    let read = requests.flat_map(|request| request.templates()).flat_map(tapwright_spec::expression::Template::names);
    let read = read.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("job."));
    kept.chain(read).collect()
}

/// The text with `{job.id}` in place of what was made up.
pub(in super::super) fn named(text: &str, home: &str) -> String {
    // An address that the job gives is read as one that is relative to the host.
    let text = text.replace(&format!("{home}/{MARK}job."), &format!("{MARK}job."));
    let parts: Vec<&str> = text.split(MARK).collect();
    let named = |(at, part): (usize, &&str)| match at % 2 {
        1 => format!("{{{part}}}"),
        _ => (*part).to_owned(),
    };
    parts.iter().enumerate().map(named).collect()
}
