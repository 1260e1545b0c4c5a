//! The request that proves that the credentials work.

use std::sync::Arc;

use tapwright_spec::model::{Limits, Request as Described};

use super::send::{Sending, send};
use super::split::Wanted;
use super::verdict::{Judge, Verdict};
use super::{Checked, ExtractError, Source};
use crate::http::{Counters, Given, Judged, Prepared, prepare};

/// Sends the request that proves that the credentials work; the answer's body is only looked at for HTML.
pub(super) async fn check(source: &Source, described: &Described, limits: &Limits) -> Result<Checked, ExtractError> {
    let given = Given::to_hosts(&source.allow_hosts);
    let Prepared { request, origins } = prepare(described, &source.scope, &given)
        .map_err(|fault| ExtractError::unprepared(&source.redactor, "check", &fault))?;
    let shown = source.redactor.redact(&request.to_string());
    let nothing = Wanted::new(None, Vec::new());
    let judge = Judge {
        rules: &[],
        page: None,
        other: &nothing,
        first_of_rules: 0,
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
