//! The answers of a job that is done at once.

use serde_json::{Map, Value, json};
use tapwright_spec::expression::{Condition, Scope};
use tapwright_spec::model::{Job, Kept, Stream};
use tapwright_sync::extract::MadeUp;
use tapwright_sync::http::Request;

use crate::Answer;
use crate::arrange::{arrange, choices, read_below};
use crate::document::put_at;

/// Statuses that an answer to `poll` may have.
const STATUSES: [u16; 4] = [200, 201, 202, 303];

/// What is made up for names such as `job.id`, in the requests of the slice that `key` names.
pub(crate) fn leaf(stream: &Stream, key: &str) -> impl Fn(&str) -> Value {
    let requests = stream.job.iter().flat_map(Job::requests).chain([&stream.request]);
    // An address is relative to the host, wherever the mock is.
    let is_address = |source: &str| source.trim_start().starts_with("{{").then(|| source.to_owned());
    let addresses: Vec<String> = requests.filter_map(|request| is_address(request.path.source())).collect();
    let key = key.to_owned();
    move |name| {
        let word = name.trim_start_matches("job.").replace('.', "-");
        match addresses.iter().any(|source| source.contains(name)) {
            true => json!(format!("/mock-jobs/{word}/{key}")),
            false => json!(format!("mock-{word}-{key}")),
        }
    }
}

/// The requests of a job with their answers.
///
/// # Errors
/// No answer is one of a job that is done.
pub(crate) fn answers(
    stream: &Stream,
    made_up: MadeUp,
    names: Option<&Map<String, Value>>,
    scope: &Scope,
) -> Result<Vec<(Request, Option<Answer>)>, String> {
    let Some(job) = &stream.job else { return Ok(Vec::new()) };
    let scope = names
        .into_iter()
        .flatten()
        .fold(scope.clone(), |scope, (name, value)| scope.with(std::sync::Arc::<str>::from(name.as_str()), value))
        .with("object", &stream.object.as_deref())
        .with("job", &made_up.values);
    let done = done(job, &made_up.values, &scope).ok_or_else(|| {
        format!(
            "stream `{}`: no answer is made up for which its job is done; mock a recording in its place",
            stream.name
        )
    })?;
    let cleanup = made_up.cleanup.map(|request| (request, Some(Answer::json(200, &json!({})))));
    let asked = [(made_up.create, Some(created(job, &made_up.values))), (made_up.poll, Some(done))];
    Ok(asked.into_iter().chain(cleanup).collect())
}

fn created(job: &Job, values: &Map<String, Value>) -> Answer {
    let mut document = json!({});
    let mut headers = Vec::new();
    for (name, kept) in &job.keep {
        let value = values.get(name).cloned().unwrap_or_default();
        match kept {
            Kept::Body(path) => put_at(&mut document, path, value),
            Kept::Header(header) => headers.push((header, value)),
            Kept::Cookie(_) => {}
        }
    }
    let mut answer = Answer::json(200, &document);
    for (name, value) in headers {
        answer.headers.add(name, value.as_str().unwrap_or_default());
    }
    answer
}

/// An answer that says that the job is done, has not failed and is not empty.
fn done(job: &Job, values: &Map<String, Value>, scope: &Scope) -> Option<Answer> {
    let conditions: Vec<(&Condition, bool)> = std::iter::once((&job.done, true))
        .chain(job.failed.as_ref().map(|failed| (&failed.when, false)))
        .chain(job.empty.as_ref().map(|empty| (empty, false)))
        .collect();
    let mut document = json!({});
    if let Some(path) = &job.result {
        put_at(&mut document, path, values.get("result").cloned().unwrap_or_else(|| json!("mock-result")));
    }
    let places = read_below(conditions.iter().flat_map(|(condition, _)| condition.names()), "response.body");
    let choices = choices(conditions.iter().map(|(condition, _)| condition.source()), &[]);
    let is_done = |status: u16, document: &Value| {
        let response = json!({"status": status, "headers": {}, "body": document});
        let scope = scope.clone().with("response", &response);
        conditions.iter().all(|(condition, wanted)| condition.holds(&scope) == Ok(*wanted))
    };
    let status =
        STATUSES.into_iter().find(|status| arrange(&mut document, &places, &choices, |body| is_done(*status, body)));
    status.map(|status| Answer::json(status, &document))
}
