//! The request that proves that the credentials work.

use std::sync::Arc;

use tapwright_spec::model::{Check, Expected, Limits};

use super::fault::FaultKind;
use super::form::is_html;
use super::graphql::path_of_errors;
use super::send::{Sending, send};
use super::split::Wanted;
use super::verdict::{Judge, Verdict};
use super::{Checked, ExtractError, Source};
use crate::http::{Counters, Given, Prepared, Response, prepare};

/// Sends the request that proves that the credentials work. Its status does, unless a rule reads more in the answer, or
/// it is a page for people.
pub(super) async fn check(source: &Source, check: &Check, limits: &Limits) -> Result<Checked, ExtractError> {
    let given = Given::to_hosts(&source.hosts);
    let Prepared { request, origins } = prepare(&check.request, &source.scope, &given)
        .map_err(|fault| ExtractError::unprepared(&source.redactor, "check", &fault))?;
    let shown = source.redactor.redact(&request.to_string());
    let errors = path_of_errors(&check.request);
    let paths: Vec<_> = check.rules.iter().filter_map(|rule| rule.when.body.clone()).collect();
    let slot = errors.as_ref().map(|_| paths.len());
    let wanted = Wanted::new(None, paths.into_iter().chain(errors).collect());
    let judge = Judge {
        rules: &check.rules,
        page: None,
        other: &wanted,
        first_of_rules: 0,
        errors: slot,
        scope: &source.scope,
        number: 1,
        redactor: &source.redactor,
        request: &shown,
        permission: None,
    };
    let counters = Arc::<Counters>::default();
    let sending = Sending { request: &request, origins: &origins, limits, counters: &counters, shown: &shown };
    let judged = send(source, &sending, |fetched| {
        let status = fetched.response.status;
        let page = is_page(&fetched.response);
        judge.judge(fetched).map(|verdict| match verdict {
            Verdict::Fail(error) if !forgives(check.expects, status, &error) => Err(error),
            _ if page && check.expects == Expected::NoPage => Err(ExtractError::new(
                &source.redactor,
                FaultKind::Html,
                &shown,
                &format!(
                    "the answer (HTTP {status}) is a page in HTML, as a login page is, and proves nothing; if the API answers \
                     so, the spec can say `check: {{endpoint: …, expect: anything}}`"
                ),
            )),
            _ => Ok(Checked::Passed { request: shown.clone(), status }),
        })
    });
    judged.await?
}

/// Whether what is wrong with the body of an answer does not matter.
fn forgives(expects: Expected, status: u16, error: &ExtractError) -> bool {
    use FaultKind::{Charset, DuplicateKey, Empty, Html, NotJson, TooDeep};
    let of_body = matches!(error.kind(), Charset | DuplicateKey | Empty | Html | NotJson | TooDeep);
    (200..300).contains(&status) && of_body && (expects != Expected::Json || status == 204)
}

/// Whether an answer is a page for people, by its beginning; or by its type, if it is no text of another kind.
fn is_page(response: &Response) -> bool {
    let beginning = String::from_utf8_lossy(&response.body[..response.body.len().min(1_024)]);
    let typed = response.headers.get("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    is_html(&beginning) || typed && beginning.trim_ascii_start().starts_with('<')
}
