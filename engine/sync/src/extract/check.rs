//! The request that proves that the credentials work.

use std::sync::Arc;

use tapwright_spec::model::{Limits, Request as Described};

use super::graphql::path_of_errors;
use super::send::{Sending, send};
use super::split::Wanted;
use super::verdict::{Judge, Verdict};
use super::{Checked, ExtractError, Source};
use crate::http::{Counters, Given, Judged, Prepared, prepare};

/// Sends the request that proves that the credentials work; the answer's body is only looked at for HTML.
pub(super) async fn check(source: &Source, described: &Described, limits: &Limits) -> Result<Checked, ExtractError> {
    let given = Given::to_hosts(&source.hosts);
    let Prepared { request, origins } = prepare(described, &source.scope, &given)
        .map_err(|fault| ExtractError::unprepared(&source.redactor, "check", &fault))?;
    let shown = source.redactor.redact(&request.to_string());
    let errors = path_of_errors(described);
    let wanted = Wanted::new(None, errors.into_iter().collect());
    let judge = Judge {
        rules: &[],
        page: None,
        other: &wanted,
        first_of_rules: 0,
        errors: path_of_errors(described).map(|_| 0),
        scope: &source.scope,
        number: 1,
        redactor: &source.redactor,
        request: &shown,
        permission: None,
    };
    let counters = Arc::<Counters>::default();
    let sending = Sending { request: &request, origins: &origins, limits, counters: &counters, shown: &shown };
    let passed = |status| Judged::Done(Ok(Checked::Passed { request: shown.clone(), status }));
    let judged = send(source, &sending, |fetched| {
        let status = fetched.response.status;
        match judge.judge(fetched) {
            // No body is needed to know that the credentials work.
            _ if status == 204 => passed(status),
            Judged::Done(Verdict::Fail(error)) => Judged::Done(Err(error)),
            Judged::Done(_) => passed(status),
            Judged::Again(again) => Judged::Again(again),
        }
    });
    judged.await?
}
